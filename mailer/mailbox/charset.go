package mailbox

import (
	"io"
	"mime"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding/charmap"
)

// toUTF8 decodes a text in the named charset. A charset that is unknown, not
// named, or plainly wrong (UTF-8 that is none) means windows-1251.
func toUTF8(data []byte, name string) string {
	name = strings.ToLower(strings.Trim(strings.TrimSpace(name), `"'`))
	switch name {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit", "8bit", "binary":
	default:
		if r, err := charset.Reader(name, strings.NewReader(string(data))); err == nil {
			if text, err := io.ReadAll(r); err == nil {
				return string(text)
			}
		}
	}
	return guess(data)
}

// guess takes what is UTF-8 for UTF-8 and everything else for windows-1251. The
// body of a part in a charset that is named and known comes here decoded; what
// names none, an unknown one or wrongly UTF-8 comes as it is.
func guess(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	text, err := charmap.Windows1251.NewDecoder().Bytes(data)
	if err != nil { // every byte is a character there
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(text)
}

// words decodes encoded words (RFC 2047).
var words = mime.WordDecoder{CharsetReader: func(name string, input io.Reader) (io.Reader, error) {
	data, err := io.ReadAll(input)
	return strings.NewReader(toUTF8(data, name)), err
}}

// headerText decodes a header field: encoded words, and bytes above 127 as they
// stand.
func headerText(value string) string {
	value = guess([]byte(value))
	if text, err := words.DecodeHeader(value); err == nil {
		return text
	}
	return value
}

// contentType returns a part's media type in lower case and its parameters.
func contentType(h message.Header) (string, map[string]string) {
	kind, params := mediaType(h.Get("Content-Type"))
	if kind == "" {
		kind = "text/plain"
	}
	return kind, params
}

// mediaType reads «type; name=value»; what the strict reading refuses is read as
// far as it goes.
func mediaType(value string) (string, map[string]string) {
	kind, params, err := mime.ParseMediaType(value)
	if err == nil || kind != "" {
		return kind, params
	}
	kind, _, _ = strings.Cut(value, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if m := boundary.FindStringSubmatch(value); m != nil {
		params = map[string]string{"boundary": strings.TrimSpace(m[1])}
	}
	if m := charsetParam.FindStringSubmatch(value); m != nil {
		if params == nil {
			params = map[string]string{}
		}
		params["charset"] = m[1]
	}
	return kind, params
}

var (
	charsetParam = regexp.MustCompile(`(?i)charset\s*=\s*"?([^";\s]+)`)
	nameParam    = regexp.MustCompile(`(?i)(?:file)?name(\*\d*\*?)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\r\n]*))`)
)

// fileName returns the name of a part that is a file, "" when it has none. It
// knows the encoded forms of RFC 2231 in any charset, encoded words, and bytes
// above 127 as they stand.
func fileName(h message.Header) string {
	for _, key := range []string{"Content-Disposition", "Content-Type"} {
		if name := nameIn(h.Get(key)); name != "" {
			return safeName(name)
		}
	}
	return ""
}

func nameIn(value string) string {
	var plain, extended string
	for _, m := range nameParam.FindAllStringSubmatch(value, -1) {
		given := strings.TrimSpace(m[3])
		if m[2] != "" {
			given = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
		}
		if strings.HasPrefix(m[1], "*") {
			extended += given
		} else if plain == "" {
			plain = given
		}
	}
	if extended != "" {
		return extendedValue(extended)
	}
	return headerText(plain)
}

// extendedValue decodes windows-1251”%C0%EA%F2.pdf (RFC 8187, 3.2).
func extendedValue(value string) string {
	name, rest, ok := strings.Cut(value, "'")
	if !ok {
		return headerText(unescape(value))
	}
	_, rest, _ = strings.Cut(rest, "'")
	return toUTF8([]byte(unescape(rest)), name)
}

// unescape turns %XX into bytes and leaves everything else.
func unescape(text string) string {
	var b strings.Builder
	for k := 0; k < len(text); k++ {
		if text[k] == '%' && k+2 < len(text) {
			high, low := hex(text[k+1]), hex(text[k+2])
			if high >= 0 && low >= 0 {
				b.WriteByte(byte(high<<4 | low))
				k += 2
				continue
			}
		}
		b.WriteByte(text[k])
	}
	return b.String()
}

// hex is the value of a hexadecimal digit, -1 for anything else.
func hex(c byte) int { return strings.IndexByte("0123456789abcdef", lower(c)) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// safeName leaves of a name what can be one on any disk.
func safeName(name string) string {
	name = path.Base(strings.ReplaceAll(oneLine(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"|?*`, r) || r == '\u202e' {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == "/" {
		return ""
	}
	if runes := []rune(name); len(runes) > 120 {
		ext := []rune(path.Ext(name))
		if len(ext) > 10 {
			ext = nil
		}
		name = string(runes[:120-len(ext)]) + string(ext)
	}
	return name
}

// extension is the end of a file's name by its media type, for those that came
// without a name.
func extension(kind string) string {
	return map[string]string{
		"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif",
		"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics",
	}[kind]
}
