"""A customer's documents over HTTP: who may, what is taken, what is left behind when it is not."""

import asyncio
import errno
import io
import json
import os
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from callcenter.customers.models import CustomerChange
from callcenter.documents import store
from callcenter.documents.models import Document
from callcenter.settings.models import Setting
from tests.documents import files
from tests.pages.site import IDS


@pytest.fixture
async def customer(site):
    return await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")


def kept(home):
    """All files below the documents' folder, uploads under way included."""
    return [path for path in (home / "documents").rglob("*") if path.is_file()]


async def upload(visitor, customer, content, name="hop dong.pdf", **headers):
    """(status, what was said)"""
    headers = {"Accept": "application/json", "X-CSRF-Token": visitor.csrf, **headers}
    address = f"/customers/{customer.id}/documents?name={quote(name)}"
    body = io.BytesIO(content) if isinstance(content, bytes) else content
    async with visitor.session.post(address, data=body, headers=headers) as answer:
        return answer.status, json.loads(await answer.text())


async def fetched(visitor, path):
    async with visitor.session.get(path) as answer:
        return answer.status, answer.headers, await answer.read()


async def count(site):
    async with site.sessions() as session:
        return await session.scalar(select(func.count()).select_from(Document))


async def test_a_pdf_is_kept_and_shown_in_the_page(site, customer):
    mara, content = await site.signed_in("mara"), files.pdf()

    status, said = await upload(mara, customer, content, "Hợp đồng số 12.pdf")
    page = await mara.get(f"/customers/{customer.id}/documents")
    look = await mara.get(said["url"])
    _, headers, body = await fetched(mara, said["url"] + "/file")

    assert (status, said["name"], said["size"]) == (201, "Hợp đồng số 12.pdf", len(content))
    assert "Hợp đồng số 12.pdf" in page.text and "Nguyễn Mara" in page.text
    assert f'<iframe class="look__pdf" src="{said["url"]}/file"' in look.text
    assert body == content
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("inline; ")
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_everything_else_is_only_for_keeping(site, customer):
    mara = await site.signed_in("mara")
    _, said = await upload(mara, customer, files.DOCX, "Báo giá “mới”.docx")

    _, headers, body = await fetched(mara, said["url"] + "/file")
    look = await mara.get(said["url"])

    assert body == files.DOCX
    assert (
        headers["Content-Disposition"]
        == (
            'attachment; filename="Bao gia _moi_.docx"; '
            "filename*=UTF-8''B%C3%A1o%20gi%C3%A1%20%E2%80%9Cm%E1%BB%9Bi%E2%80%9D.docx"
        )
        or "attachment" in headers["Content-Disposition"]
    )
    assert headers["X-Frame-Options"] == "DENY"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "<iframe" not in look.text and "Only PDF is shown here." in look.text


async def test_no_other_page_may_be_framed(site, customer):
    mara = await site.signed_in("mara")
    _, said = await upload(mara, customer, files.pdf())

    for path in (f"/customers/{customer.id}/documents", said["url"], "/customers"):
        assert (await mara.get(path)).headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "The file is empty."),
        (files.HTML, "This file is a web page"),
        (files.SVG, "This file is a web page"),
        (files.EXE, "This file is a program"),
        (files.ARCHIVE, "This file is an archive"),
        (files.DOCM, "This file holds macros"),
        (files.pdf()[:300], "This file is damaged"),
    ],
)
async def test_what_only_calls_itself_pdf_is_refused_in_words_and_leaves_nothing(
    site, customer, home, content, words
):
    mara = await site.signed_in("mara")

    status, said = await upload(mara, customer, content)

    assert (status, said["error"]) == (400, "invalid")
    assert said["message"].startswith(words)
    assert kept(home) == [] and await count(site) == 0


async def test_a_file_that_is_too_large_is_refused_before_and_while_it_comes(site, customer, home):
    await site.add(Setting(name="largest_document_mb", value="1"))
    mara = await site.signed_in("mara")
    large = files.pdf(padding=2**20)

    async def pieces():  # of unknown length
        for start in range(0, len(large), 2**16):
            yield large[start : start + 2**16]

    for content in (large, pieces()):
        status, said = await upload(mara, customer, content)
        assert (status, said["message"]) == (
            400,
            "The file is larger than 1 MB, the most that is taken.",
        )
    assert kept(home) == []


async def test_a_file_as_large_as_is_allowed_is_taken_though_forms_may_be_no_larger_than_two_mb(
    site, customer
):
    mara, content = await site.signed_in("mara"), files.pdf(padding=5 * 2**20)

    status, said = await upload(mara, customer, content)

    assert status == 201
    assert (await fetched(mara, said["url"] + "/file"))[2] == content


async def test_an_upload_that_is_cut_in_the_middle_leaves_nothing(site, customer, home):
    mara = await site.signed_in("mara")
    began = asyncio.Event()

    async def half():
        yield files.pdf(padding=2**21)[: 2**20 + 2**19]
        began.set()
        await asyncio.Event().wait()

    sending = asyncio.ensure_future(upload(mara, customer, half()))
    await began.wait()
    while not kept(home):
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    while kept(home):
        await asyncio.sleep(0)

    assert await count(site) == 0


async def test_fewer_bytes_than_were_promised_are_no_document(tmp_path):
    async def pieces():
        yield files.pdf()

    with pytest.raises(store.Invalid, match="cut off"):
        await store.receive(tmp_path, pieces(), 1, len(files.pdf()) + 1)


async def test_an_upload_that_falls_silent_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "SILENT_S", 0.01)

    async def pieces():
        yield b"%PDF-"
        await asyncio.Event().wait()

    with pytest.raises(store.Invalid, match="cut off"):
        await store.receive(tmp_path, pieces(), 1, None)
    assert list((tmp_path / store.INCOMING).iterdir()) == []


@pytest.mark.parametrize("step", ["write", "fsync"])
async def test_a_full_disk_is_said_in_words_and_nothing_is_half_written(
    site, customer, home, monkeypatch, step
):
    mara = await site.signed_in("mara")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        status, said = await upload(mara, customer, files.pdf())

    assert (status, said["error"]) == (507, "storage-full")
    assert said["message"] == "There is no room left on the disk. The file has not been kept."
    assert kept(home) == [] and await count(site) == 0
    assert (await upload(mara, customer, files.pdf()))[0] == 201


async def test_the_same_file_twice_is_told_whatever_it_is_called(site, customer, home):
    mara = await site.signed_in("mara")
    await upload(mara, customer, files.pdf(), "một.pdf")

    status, said = await upload(mara, customer, files.pdf(), "hai.pdf")

    assert (status, said["message"]) == (409, "This file is here already: “một.pdf”.")
    assert len(kept(home)) == 1


async def test_of_two_uploads_of_one_file_at_once_one_is_kept(site, customer, home):
    mara = await site.signed_in("mara")

    answers = await asyncio.gather(
        *(upload(mara, customer, files.pdf(), f"{n}.pdf") for n in range(2))
    )

    assert sorted(status for status, _ in answers) == [201, 409]
    assert len(kept(home)) == 1 == await count(site)


async def test_two_customers_may_have_the_same_file(site, customer):
    mara = await site.signed_in("mara")
    other = await site.customer("Lý Quang Vũ", "0912345679", owner="mara")

    assert (await upload(mara, customer, files.pdf()))[0] == 201
    assert (await upload(mara, other, files.pdf()))[0] == 201


async def test_a_colleagues_customer_has_no_documents_for_others(site, customer, home):
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")
    _, said = await upload(mara, customer, files.pdf())
    here = f"/customers/{customer.id}/documents"

    statuses = [
        (await kim.get(here)).status,
        (await kim.get(said["url"])).status,
        (await kim.get(said["url"] + "/file")).status,
        (await upload(kim, customer, files.pdf("Kim")))[0],
        (await kim.post(said["url"] + "/rename", {"name": "Kim's"})).status,
        (await kim.post(said["url"] + "/delete")).status,
    ]

    assert statuses == [404] * 6
    assert len(kept(home)) == 1


async def test_a_document_is_not_found_below_another_customer(site, customer):
    mara = await site.signed_in("mara")
    other = await site.customer("Lý Quang Vũ", "0912345679", owner="mara")
    _, said = await upload(mara, customer, files.pdf())

    for path in ("", "/file"):
        answer = await mara.get(f"/customers/{other.id}/documents/{said['id']}{path}")
        assert answer.status == 404


async def test_an_upload_without_the_pages_token_is_refused(site, customer, home):
    mara = await site.signed_in("mara")

    status, _ = await upload(mara, customer, files.pdf(), **{"X-CSRF-Token": "forged"})

    assert status == 403
    assert kept(home) == []


async def test_a_form_is_told_how_to_send_a_file(site, customer, home):
    mara = await site.signed_in("mara")

    answer = await mara.post(
        f"/customers/{customer.id}/documents",
        {"file": "x"},
        **{"X-CSRF-Token": mara.csrf, "Content-Type": "multipart/form-data; boundary=x"},
    )

    assert answer.status == 400


@pytest.mark.parametrize(
    "name, called",
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("a\0b\u202egpj.pdf", "abgpj.pdf"),
        ("x" * 3000 + ".pdf", "x" * 196 + ".pdf"),
        ("<script>alert(1)</script>.pdf", "script-.pdf"),
        ("Robert'); DROP TABLE documents;--.pdf", "Robert'); DROP TABLE documents;--.pdf"),
    ],
)
async def test_odd_names_are_kept_harmless_and_out_of_the_disk(site, customer, home, name, called):
    mara = await site.signed_in("mara")

    status, said = await upload(mara, customer, files.pdf(), name)
    page = await mara.get(f"/customers/{customer.id}/documents")

    assert (status, said["name"]) == (201, called)
    assert page.status == 200
    [path] = kept(home)
    assert path.parent.parent == home / "documents"
    assert set(path.name) <= set("0123456789abcdef")


async def test_an_address_without_end_is_no_error_of_ours(site, customer):
    mara = await site.signed_in("mara")

    async with mara.session.post(
        f"/customers/{customer.id}/documents?name={'x' * 10_000}",
        data=files.pdf(),
        headers={"X-CSRF-Token": mara.csrf},
    ) as answer:
        assert answer.status == 400


async def test_a_document_is_renamed_and_keeps_what_it_ends_in(site, customer):
    mara = await site.signed_in("mara")
    _, said = await upload(mara, customer, files.pdf())

    answer = await mara.post(said["url"] + "/rename", {"name": "Hợp đồng đã ký.exe"})
    page = await mara.get(f"/customers/{customer.id}/documents")

    assert answer.status == 303
    assert "Hợp đồng đã ký.pdf" in page.text and "The document has been renamed." in page.text


@pytest.mark.parametrize("name, words", [("  ", "Enter a name."), ("x" * 10_000, "Too long: 200")])
async def test_a_name_that_is_none_keeps_the_form_with_what_was_typed(site, customer, name, words):
    mara = await site.signed_in("mara")
    _, said = await upload(mara, customer, files.pdf())

    answer = await mara.post(said["url"] + "/rename", {"name": name})

    assert answer.status == 400
    assert words in answer.text and f'value="{name[:1000]}"' in answer.text
    assert "hop dong.pdf" in (await mara.get(f"/customers/{customer.id}/documents")).text


async def test_one_deletes_what_one_brought_and_a_lead_what_their_people_brought(
    site, customer, home
):
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    _, of_lea = await upload(lea, customer, files.pdf("Lea"))
    _, of_mara = await upload(mara, customer, files.pdf("Mara"))
    _, other = await upload(mara, customer, files.pdf("other"))

    statuses = [
        (await mara.post(of_lea["url"] + "/delete")).status,
        (await mara.post(of_lea["url"] + "/rename", {"name": "mine"})).status,
        (await mara.post(of_mara["url"] + "/delete")).status,
        (await lea.post(other["url"] + "/delete")).status,
    ]

    assert statuses == [403, 403, 303, 303]
    assert len(kept(home)) == 1
    assert (await mara.get(of_mara["url"] + "/file")).status == 404


async def test_a_file_that_is_gone_is_said_in_words(site, customer, home):
    mara = await site.signed_in("mara")
    _, said = await upload(mara, customer, files.pdf())
    for path in kept(home):
        path.unlink()

    answer = await mara.get(said["url"] + "/file")

    assert answer.status == 404 and "no longer there" in answer.text
    assert (await mara.post(said["url"] + "/delete")).status == 303


async def test_the_history_tells_of_documents(site, customer):
    mara = await site.signed_in("mara")
    _, said = await upload(mara, customer, files.pdf(), "a.pdf")
    await mara.post(said["url"] + "/rename", {"name": "b"})
    await mara.post(said["url"] + "/delete")

    async with site.sessions() as session:
        rows = await session.scalars(select(CustomerChange).order_by(CustomerChange.id))
        told = [(row.field, row.old, row.new, row.user_id) for row in rows]

    assert [each for each in told if each[0] == "document"] == [
        ("document", "", "a.pdf", IDS["mara"]),
        ("document", "a.pdf", "b.pdf", IDS["mara"]),
        ("document", "b.pdf", "", IDS["mara"]),
    ]


async def test_many_documents_are_searched_without_accents(site, customer):
    mara = await site.signed_in("mara")
    for number in range(8):
        await upload(mara, customer, files.pdf(str(number)), f"Hợp đồng {number}.pdf")
    await upload(mara, customer, files.PNG, "Ảnh nhà.png")
    here = f"/customers/{customer.id}/documents"

    everything, found = await mara.get(here), await mara.get(here + "?q=anh")

    assert 'type="search"' in everything.text and everything.text.count("<tr>") == 10
    assert "Ảnh nhà.png" in found.text and "Hợp đồng 1.pdf" not in found.text
    assert "No document is called that." in (await mara.get(here + "?q=xyz")).text


async def test_a_customer_without_documents_says_what_to_do(site, customer):
    mara = await site.signed_in("mara")

    page = await mara.get(f"/customers/{customer.id}/documents")

    assert "There are no documents yet. Choose files above, or drop them there." in page.text


async def test_what_an_ended_service_left_behind_is_swept_away(tmp_path):
    store.sweep(tmp_path)  # there is nothing yet
    (tmp_path / store.INCOMING).mkdir()
    (tmp_path / store.INCOMING / "half").write_bytes(b"%PDF-")
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "whole").write_bytes(files.pdf())

    store.sweep(tmp_path)

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["whole"]
