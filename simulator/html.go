package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// htmlTags are the tags of parse_mode HTML and the entities that they make
// (https://core.telegram.org/bots/api#html-style).
var htmlTags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
	"a": "text_link", "tg-spoiler": "spoiler", "span": "spoiler", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
	"tg-time": "date_time",
}

// htmlParser follows the parser of Telegram's own server, so that its errors are
// the same to the byte offset.
type htmlParser struct {
	in     string
	i      int
	out    strings.Builder
	offset int // of the end of out, in UTF-16 units
	open   []openTag
	done   []Entity
}

type openTag struct {
	name, argument string
	format         string // tg-time
	offset, byteAt int
}

// parseHTML turns text with tags into plain text and entities. The error is
// Telegram's description without "Bad Request: can't parse entities: ".
func parseHTML(in string) (string, []Entity, error) {
	p := &htmlParser{in: in}
	for p.i < len(p.in) {
		var err error
		switch {
		case p.in[p.i] == '<' && p.at(p.i+1) == '/':
			err = p.endTag()
		case p.in[p.i] == '<':
			err = p.startTag()
		default:
			p.character()
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, htmlError("Can't find end tag corresponding to start tag %q", p.open[n-1].name)
	}
	return p.out.String(), p.done, nil
}

// at is the byte at i, 0 behind the end.
func (p *htmlParser) at(i int) byte {
	if i < len(p.in) {
		return p.in[i]
	}
	return 0
}

func isHTMLSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == 0
}

func (p *htmlParser) character() {
	r, size := rune(0), 0
	if p.in[p.i] == '&' {
		r, size = htmlEntity(p.in[p.i:])
	}
	if size == 0 {
		r, size = utf8.DecodeRuneInString(p.in[p.i:])
	}
	p.i += size
	p.out.WriteRune(r)
	p.offset += utf16Width(r)
}

// startTag reads "<name attributes>".
func (p *htmlParser) startTag() error {
	begin := p.i
	for p.i++; !isHTMLSpace(p.at(p.i)) && p.at(p.i) != '>'; p.i++ {
	}
	if p.i >= len(p.in) {
		return htmlError("Unclosed start tag at byte offset %d", begin)
	}
	name := strings.ToLower(p.in[begin+1 : p.i])
	if _, known := htmlTags[name]; !known {
		return htmlError("Unsupported start tag %q at byte offset %d", name, begin)
	}
	tag := openTag{name: name, offset: p.offset, byteAt: p.out.Len()}
	for {
		for p.i < len(p.in) && isHTMLSpace(p.in[p.i]) {
			p.i++
		}
		if p.at(p.i) == '>' {
			break
		}
		attribute, value, err := p.attribute(name, begin)
		if err != nil {
			return err
		}
		tag.take(attribute, value)
	}
	p.i++
	if name == "span" && tag.argument != "spoiler" {
		return htmlError(`Tag "span" must have class "tg-spoiler" at byte offset %d`, begin)
	}
	p.open = append(p.open, tag)
	return nil
}

// endTag reads "</name>" and closes the innermost open tag.
func (p *htmlParser) endTag() error {
	begin := p.i
	if len(p.open) == 0 {
		return htmlError("Unexpected end tag at byte offset %d", begin)
	}
	for p.i += 2; !isHTMLSpace(p.at(p.i)) && p.at(p.i) != '>'; p.i++ {
	}
	name := p.in[min(begin+2, len(p.in)):min(p.i, len(p.in))]
	p.spaces()
	if p.at(p.i) != '>' {
		return htmlError("Unclosed end tag at byte offset %d", begin)
	}
	p.i++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return htmlError(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, begin, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if e, ok := p.entity(tag); ok {
		// Outer entities come before inner ones that begin at the same place.
		i, _ := slices.BinarySearchFunc(p.done, e.Offset, func(d Entity, offset int) int { return d.Offset - offset })
		p.done = slices.Insert(p.done, i, e)
	}
	return nil
}

func (p *htmlParser) entity(tag openTag) (Entity, bool) {
	e := Entity{Type: htmlTags[tag.name], Offset: tag.offset, Length: p.offset - tag.offset}
	text := p.out.String()[tag.byteAt:]
	switch tag.name {
	case "a":
		e.URL = tag.argument
		if e.URL == "" {
			e.URL = text
		}
		if !strings.Contains(e.URL, ".") && !strings.Contains(e.URL, "://") {
			return e, false // no address: Telegram drops the link and keeps its text
		}
	case "tg-emoji":
		e.CustomEmojiID = tag.argument
	case "tg-time":
		e.UnixTime, _ = strconv.ParseInt(tag.argument, 10, 64)
		e.TimeFormat = tag.format
		return e, e.Length > 0 && e.UnixTime > 0
	case "blockquote":
		if tag.argument != "" {
			e.Type = "expandable_blockquote"
		}
	case "code":
		// <pre><code class="language-go"> is one entity, the outer pre.
		if n := len(p.open); n > 0 && p.open[n-1].name == "pre" && p.open[n-1].byteAt == tag.byteAt {
			p.open[n-1].argument = tag.argument
			return e, false
		}
	case "pre":
		e.Language = tag.argument
	}
	return e, e.Length > 0
}

// htmlError is an error in Telegram's words.
func htmlError(format string, args ...any) error { return fmt.Errorf(format, args...) }
