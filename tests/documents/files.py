"""Files of all kinds, made here so that none needs to lie in the repository."""

import io
import struct
import zipfile

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
EXE = b"MZ\x90\x00" + bytes(200)


def pdf(words="Hello", padding=0):
    """A page that says `words`, `padding` bytes larger than it has to be."""
    text = f"BT /F1 24 Tf 72 720 Td ({words}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (padding, b"x" * padding),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(parts) + 1,
        start,
    )
    return bytes(out)


def zipped(**members):
    """A zip of {name with _ for /: text}; `mimetype` comes first as OpenDocument wants it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return packed.getvalue()


def ole(*streams):
    """An old Office file: a header, and a directory with entries of these names."""
    whole = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    for name in ("Root Entry", *streams):
        written = (name + "\0").encode("utf-16-le")
        whole += written.ljust(64, b"\0") + struct.pack("<H", len(written)) + bytes(62)
    return bytes(whole) + bytes(512)


DOCX = zipped(word__document_dot_xml="<w/>", _rels="")
XLSX = zipped(xl__workbook_dot_xml="<w/>")
PPTX = zipped(ppt__presentation_dot_xml="<p/>")
DOCM = zipped(word__document_dot_xml="<w/>", word__vbaProject_dot_bin="macro")
ODT = zipped(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<o/>")
ARCHIVE = zipped(readme_dot_txt="hello", setup_dot_exe="MZ")
