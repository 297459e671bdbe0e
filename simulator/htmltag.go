package simulator

import (
	"strconv"
	"strings"
)

// attribute reads one name, or name=value.
func (p *htmlParser) attribute(tag string, tagBegin int) (name, value string, err error) {
	begin := p.i
	for p.i < len(p.in) && !isHTMLSpace(p.in[p.i]) && !strings.ContainsRune(`=>/"'`, rune(p.in[p.i])) {
		p.i++
	}
	name = p.in[begin:p.i]
	if name == "" {
		return "", "", htmlError("Empty attribute name in the tag %q at byte offset %d", tag, tagBegin)
	}
	p.spaces()
	if p.i >= len(p.in) {
		return "", "", htmlError("Unclosed start tag %q at byte offset %d", tag, tagBegin)
	}
	if p.in[p.i] != '=' {
		return name, "", nil
	}
	p.i++
	p.spaces()
	if p.i >= len(p.in) {
		return "", "", htmlError("Unclosed start tag %q at byte offset %d", tag, tagBegin)
	}
	value, err = p.attributeValue()
	if err == nil && p.i >= len(p.in) {
		err = htmlError("Unclosed start tag at byte offset %d", tagBegin)
	}
	return name, value, err
}

func (p *htmlParser) attributeValue() (string, error) {
	quote, begin := p.in[p.i], p.i
	if quote != '"' && quote != '\'' {
		for isNameToken(p.at(p.i)) {
			p.i++
		}
		if c := p.at(p.i); !isHTMLSpace(c) && c != '>' {
			return "", htmlError("Unexpected end of name token at byte offset %d", begin)
		}
		return strings.ToLower(p.in[begin:p.i]), nil
	}
	var value strings.Builder
	for p.i++; p.i < len(p.in) && p.in[p.i] != quote; {
		if r, size := htmlEntity(p.in[p.i:]); size > 0 {
			value.WriteRune(r)
			p.i += size
			continue
		}
		value.WriteByte(p.in[p.i])
		p.i++
	}
	p.i = min(p.i+1, len(p.in))
	return value.String(), nil
}

func isNameToken(c byte) bool {
	return c == '.' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (p *htmlParser) spaces() {
	for p.i < len(p.in) && isHTMLSpace(p.in[p.i]) {
		p.i++
	}
}

// take keeps the attributes that mean something.
func (t *openTag) take(attribute, value string) {
	switch {
	case t.name == "a" && attribute == "href", t.name == "tg-emoji" && attribute == "emoji-id", t.name == "tg-time" && attribute == "unix":
		t.argument = value
	case t.name == "tg-time" && attribute == "format":
		t.format = value
	case t.name == "code" && attribute == "class" && strings.HasPrefix(value, "language-"):
		t.argument = value[len("language-"):]
	case t.name == "span" && attribute == "class" && strings.HasPrefix(value, "tg-"):
		t.argument = value[len("tg-"):]
	case t.name == "blockquote" && attribute == "expandable":
		t.argument = "1"
	}
}

// htmlEntity decodes &lt; &gt; &amp; &quot; and numeric entities at the beginning
// of s and returns how many bytes they took, 0 if there is none.
func htmlEntity(s string) (r rune, size int) {
	if s == "" || s[0] != '&' {
		return 0, 0
	}
	end := 1
	if strings.HasPrefix(s, "&#") {
		base := 10
		if end = 2; strings.HasPrefix(s, "&#x") {
			base, end = 16, 3
		}
		begin := end
		for end < len(s) && (s[end] >= '0' && s[end] <= '9' || base == 16 && strings.IndexByte("abcdefABCDEF", s[end]) >= 0) {
			end++
		}
		n, err := strconv.ParseUint(s[begin:end], base, 32)
		if err != nil || n == 0 || n >= 0x10ffff || end >= 10 {
			return 0, 0
		}
		r = rune(n)
	} else {
		for end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] >= 'A' && s[end] <= 'Z') {
			end++
		}
		r = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"'}[s[1:end]]
		if r == 0 {
			return 0, 0
		}
	}
	if end < len(s) && s[end] == ';' {
		end++
	}
	return r, end
}
