"""Files are links only if the URL is plain https."""

from tests.presenters.job_bodies import page_of, rendered


def test_a_non_https_link_is_text_with_the_reason() -> None:
    files = [{"id": "1", "name": "a", "url": "javascript:alert(1)"}]
    html, _ = rendered(page_of(attachments=files))
    assert 'href="javascript' not in html
    assert "not plain https" in html


def test_everything_the_api_says_of_a_file_is_shown() -> None:
    meta = {f"field-{n}": f"value-{n}" for n in range(9)}
    file = {"id": "f1", "key": "pdf", "name": "a.pdf", "category": "format", "mime": "application/pdf", "size": 10_240}
    html, _ = rendered(page_of(attachments=[{**file, "hash": "ab" * 32, "url": "https://silo.invopop.com/1", **meta}]))
    for told in ("key = pdf", "category = format", "mime = application/pdf", "size = 10240", f"hash = {'ab' * 32}"):
        assert told in html
    assert "url = https://silo.invopop.com/1" in html
    assert "field-8 = value-8" in html
