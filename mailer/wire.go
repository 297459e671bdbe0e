package mailer

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
)

// wire is the talk with a server: a command out, a reply in. It is strict in
// what it sends and takes what servers really say: a code without text
// (RFC 5321, 4.2), several lines, no enhanced codes, lines that end in LF.
type wire struct {
	in  *bufio.Reader
	out *bufio.Writer
}

func newWire(conn net.Conn) *wire {
	return &wire{bufio.NewReader(conn), bufio.NewWriterSize(conn, 64<<10)}
}

// What one reply may take of our memory; what is over is passed over.
const (
	replyLines = 500
	lineMost   = 2000
)

// command sends a line and returns the reply. A reply of another class than
// want (2 or 3; 0: any) comes as a *textproto.Error.
func (w *wire) command(want int, line string) (code int, text string, err error) {
	if _, err := w.out.WriteString(line + "\r\n"); err != nil {
		return 0, "", err
	}
	if err := w.out.Flush(); err != nil {
		return 0, "", err
	}
	return w.reply(want)
}

// reply reads a reply; its lines are joined by \n.
func (w *wire) reply(want int) (code int, text string, err error) {
	var lines []string
	for range replyLines {
		line, err := w.line()
		if err != nil {
			return 0, "", err
		}
		c, more, said, ok := parseReply(line)
		switch {
		case !ok && len(lines) == 0:
			return 0, "", fmt.Errorf("the server said %.100q, which is no reply", line)
		case !ok:
			lines = append(lines, line) // a stray line within a reply
			continue
		}
		lines = append(lines, said)
		if more {
			continue
		}
		text = strings.Join(lines, "\n")
		if want != 0 && c/100 != want {
			return c, text, &textproto.Error{Code: c, Msg: text}
		}
		return c, text, nil
	}
	return 0, "", errors.New("the server's reply has no end")
}

// line reads one line without its end.
func (w *wire) line() (string, error) {
	var kept []byte
	for {
		part, err := w.in.ReadSlice('\n')
		kept = append(kept, part[:min(len(part), lineMost-len(kept))]...)
		switch {
		case err == nil:
			return strings.TrimRight(string(kept), "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		}
	}
}

// parseReply takes a line of a reply apart: its code, whether more lines
// follow, and its text.
func parseReply(line string) (code int, more bool, text string, ok bool) {
	if len(line) < 3 || len(line) > 3 && digits(line[3:4]) {
		return 0, false, "", false
	}
	code, err := strconv.Atoi(line[:3])
	if err != nil || code < 100 {
		return 0, false, "", false
	}
	if len(line) == 3 {
		return code, false, "", true
	}
	text = line[3:]
	if text[0] == '-' || text[0] == ' ' {
		text = text[1:]
	}
	return code, line[3] == '-', text, true
}

// extensions reads what a server offers in its answer to EHLO. Names are in
// capitals, however the server writes them; the parameters of a name that
// stands there twice, or old servers' «AUTH=LOGIN», are put together.
func extensions(answer string) map[string]string {
	found := map[string]string{}
	lines := strings.Split(answer, "\n")
	for _, line := range lines[1:] {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, first, old := strings.Cut(name, "=")
		if old {
			rest = first + " " + rest
		}
		name = strings.ToUpper(name)
		found[name] = strings.TrimSpace(found[name] + " " + strings.TrimSpace(rest))
	}
	return found
}
