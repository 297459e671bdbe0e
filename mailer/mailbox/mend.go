package mailbox

import (
	"bytes"
	"regexp"
)

var (
	boundary = regexp.MustCompile(`(?i)boundary\s*=\s*"?([^";\r\n]+)"?`)
	field    = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`) // RFC 5322, 2.2
)

// mend makes what is no header field a continuation of the field before it, in
// the header of the letter and of each of its parts: servers and programs break
// long fields without the space that should follow. What comes before the first
// field (an mbox's «From » line) goes.
func mend(raw []byte) []byte {
	starts := map[string]bool{}
	for _, m := range boundary.FindAllSubmatch(raw, -1) {
		starts["--"+string(bytes.TrimSpace(m[1]))] = true
	}
	out := make([]byte, 0, len(raw)+64)
	header, fields := true, false
	for line := range bytes.Lines(raw) {
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case starts[string(text)]:
			header, fields = true, false
		case header && len(text) == 0:
			header = !fields && len(out) == 0 // empty lines before the letter begins
			if header {
				continue
			}
		case header && field.Match(text):
			fields = true
		case header && !fields:
			continue
		case header && text[0] != ' ' && text[0] != '\t':
			out = append(out, ' ')
		}
		out = append(out, line...)
	}
	return out
}
