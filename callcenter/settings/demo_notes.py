"""What the demo's agents wrote about their calls, and the few that they have not finished."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from callcenter.calls.rows import Row

SALES = 1  # department; the other takes care of customers
NOTED = 0.94  # of the calls that somebody talked in
OPEN = 2  # calls that each agent still has to finish, at most
NOTES = {
    "quote": ("Quan tâm gói A, gửi báo giá qua email.", "Cần báo giá 3 máy trước thứ Sáu."),
    "sample": ("Muốn xem mẫu trước khi quyết định.", "Xin dùng thử một tuần."),
    "thinking": ("Cần bàn với gia đình, tuần sau trả lời.", "Đang so sánh với bên khác."),
    "first_order": ("Đồng ý mua, giao hàng trong tuần.", "Chốt 1 bộ, trả tiền khi nhận hàng."),
    "order_again": ("Mua thêm 2 sản phẩm, thanh toán khi nhận hàng.", "Đặt lại như lần trước."),
    "no_need": ("Không có nhu cầu.", "Vừa mua năm ngoái."),
    "too_dear": ("Chê giá cao hơn bên khác 10%.", ""),
    "competitor": ("Đã dùng của bên khác.", ""),
    "no_more_calls": ("Yêu cầu không gọi nữa.",),
    "about_product": ("Hỏi giá lõi lọc.", "Hỏi khác nhau giữa hai dòng máy."),
    "about_delivery": ("Hỏi bao giờ giao, đã báo chiều mai.", "Đổi giờ nhận hàng sang thứ Bảy."),
    "about_payment": ("Xin xuất hóa đơn công ty.", "Hỏi trả góp 6 tháng."),
    "about_quality": ("Nước có mùi lạ, đã hẹn kỹ thuật.", "Máy kêu to, chuyển bảo hành."),
    "late_delivery": ("Phàn nàn giao hàng chậm, đã xin lỗi và kiểm tra.",),
    "about_service": ("Phàn nàn nhân viên lắp đặt đến muộn.",),
    "warranty": ("Hỏi về bảo hành, đã chuyển kỹ thuật.", "Hẹn thay lõi ngày 5."),
    "call_back": ("Đang bận, hẹn gọi lại chiều mai.", "Khách đang họp, gọi lại sau 15 giờ."),
    "wrong_number": ("Không đúng người cần gặp.",),
    "other": ("Hỏi giờ làm việc.", ""),
}
AFTER_SELLING = {
    **{"quote": 12, "sample": 6, "thinking": 8, "first_order": 9, "order_again": 9},
    **{"no_need": 8, "too_dear": 5, "competitor": 4, "no_more_calls": 1},
    **{"call_back": 16, "wrong_number": 2, "other": 8},
}
AFTER_CARING = {
    **{"about_product": 14, "about_delivery": 12, "about_payment": 8, "warranty": 14},
    **{"about_quality": 8, "late_delivery": 6, "about_service": 2},
    **{"call_back": 10, "wrong_number": 2, "other": 10},
}


def notes(chance: Random, rows: Sequence[Row]) -> Iterator[dict[str, object]]:
    """Rows of call_notes, for most calls that somebody talked in and some that nobody answered."""
    for row in rows:
        outcome = ""
        if row.result == "answered" and chance.random() < NOTED:
            often = AFTER_SELLING if row.department_id == SALES else AFTER_CARING
            outcome = chance.choices(list(often), list(often.values()))[0]
        elif row.result in ("no_answer", "busy") and chance.random() < 0.2:
            outcome = "call_back"
        elif row.result == "unreachable" and chance.random() < 0.5:
            outcome = "wrong_number"
        if outcome and row.user_id and row.ended_at:
            at = row.ended_at + timedelta(seconds=chance.randrange(5, 60))
            yield {
                "call_id": row.call_id,
                "user_id": row.user_id,
                "note": chance.choice(NOTES[outcome]) if row.result == "answered" else "",
                "outcome": outcome,
                "updated_at": at,
                "finished_at": at,
                "version": 1,
            }


def unfinished(
    rows: Sequence[Row], written: Sequence[dict[str, object]]
) -> list[dict[str, object]]:
    """Rows of unfinished_calls: of what is not noted, each agent's last ones."""
    noted = {row["call_id"] for row in written}
    owed: Counter[int] = Counter()
    found: list[dict[str, object]] = []
    for row in sorted(rows, key=lambda row: row.started_at, reverse=True):
        if row.result != "answered" or row.user_id is None or row.call_id in noted:
            continue
        owed[row.user_id] += 1
        if owed[row.user_id] <= OPEN:
            found.append(
                {
                    "call_id": row.call_id,
                    "user_id": row.user_id,
                    "department_id": row.department_id,
                    "ended_at": row.ended_at,
                }
            )
    return found
