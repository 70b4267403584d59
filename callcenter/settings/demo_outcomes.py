"""What calls end in to begin with: outcomes, their sub-outcomes, and the queues that offer them."""

from collections.abc import Iterator

Named = tuple[str, str, str]  # code, Vietnamese, English

# Each with its sub-outcomes, and the demo's queues that offer it ("": outgoing calls; none: all).
OUTCOMES: tuple[tuple[Named, tuple[Named, ...], tuple[str, ...]], ...] = (
    (
        ("interested", "Quan tâm", "Interested"),
        (
            ("quote", "Muốn nhận báo giá", "Wants a quote"),
            ("sample", "Muốn xem mẫu, dùng thử", "Wants a sample or trial"),
            ("thinking", "Cần suy nghĩ thêm", "Needs time to think"),
        ),
        ("sales", ""),
    ),
    (
        ("agreed", "Đồng ý mua", "Agreed to buy"),
        (
            ("first_order", "Đơn hàng đầu tiên", "First order"),
            ("order_again", "Mua thêm, mua lại", "Ordered again"),
        ),
        ("sales", ""),
    ),
    (
        ("refused", "Từ chối", "Refused"),
        (
            ("no_need", "Không có nhu cầu", "No need"),
            ("too_dear", "Chê giá cao", "Too expensive"),
            ("competitor", "Đã dùng của bên khác", "Uses a competitor’s"),
            ("no_more_calls", "Yêu cầu không gọi nữa", "Asked not to be called"),
        ),
        ("sales", ""),
    ),
    (
        ("question", "Hỏi thông tin", "Question"),
        (
            ("about_product", "Về sản phẩm, giá", "About products and prices"),
            ("about_delivery", "Về giao hàng", "About a delivery"),
            ("about_payment", "Về thanh toán, hóa đơn", "About payment or an invoice"),
        ),
        ("care",),
    ),
    (
        ("complaint", "Khiếu nại", "Complaint"),
        (
            ("about_quality", "Chất lượng sản phẩm", "Quality of a product"),
            ("late_delivery", "Giao hàng chậm", "Late delivery"),
            ("about_service", "Thái độ phục vụ", "How they were served"),
        ),
        ("care",),
    ),
    (("warranty", "Bảo hành, sửa chữa", "Warranty or repair"), (), ("care",)),
    (("call_back", "Hẹn gọi lại", "Call back later"), (), ()),
    (("wrong_number", "Sai số", "Wrong number"), (), ()),
    (("other", "Khác", "Other"), (), ()),
)


def outcomes() -> list[dict[str, object]]:
    """Rows of outcomes."""
    return list(_rows())


def outcome_queues() -> list[dict[str, object]]:
    """Rows of outcome_queues, for a company with the demo's queues."""
    return [
        {"code": code, "queue": queue} for (code, _, _), _, queues in OUTCOMES for queue in queues
    ]


def _rows() -> Iterator[dict[str, object]]:
    for place, (top, below, _) in enumerate(OUTCOMES, 1):
        yield _row(top, place, None)
        yield from (_row(each, n, top[0]) for n, each in enumerate(below, 1))


def _row(named: Named, place: int, parent: str | None) -> dict[str, object]:
    code, vi, en = named
    return {
        "code": code,
        "name_vi": vi,
        "name_en": en,
        "position": place * 10,
        "parent_code": parent,
        "active": True,
    }
