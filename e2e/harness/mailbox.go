package harness

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Mailbox is an IMAP server in memory with the box of MAIL_FROM.
type Mailbox struct {
	h    *Harness
	user *imapmemserver.User
	n    int
}

// DoneFolder is where the program moves letters.
const DoneFolder = "Intakebot"

// WithMailbox gives the program a mailbox to read.
func WithMailbox(h *Harness) {
	h.Mailbox = &Mailbox{h: h, user: imapmemserver.NewUser("intake", "word")}
	if err := h.Mailbox.user.Create("INBOX", nil); err != nil {
		h.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(h.Mailbox.user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapIdle: {}, imap.CapMove: {}},
		InsecureAuth: true, Logger: silent{},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	h.Cleanup(func() { _ = server.Close() })
	for name, value := range map[string]string{
		"IMAP_HOST": "127.0.0.1", "IMAP_PORT": strconv.Itoa(l.Addr().(*net.TCPAddr).Port), "IMAP_TLS": "none",
		"IMAP_USERNAME": "intake", "IMAP_PASSWORD": "word",
	} {
		h.Env[name] = value
	}
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// Deliver puts a letter into the box. header and text have lines that end in \n; a
// Message-ID is added.
func (m *Mailbox) Deliver(header, text string) {
	m.h.Helper()
	m.n++
	raw := fmt.Sprintf("Message-ID: <m%d@kurganobl.example>\n%s\n\n%s\n", m.n, strings.TrimSpace(header), text)
	m.DeliverRaw(strings.ReplaceAll(raw, "\n", "\r\n"))
}

// DeliverRaw puts a letter into the box as it is.
func (m *Mailbox) DeliverRaw(raw string) {
	m.h.Helper()
	if _, err := m.user.Append("INBOX", imapLiteral{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{}); err != nil {
		m.h.Fatal(err)
	}
}

type imapLiteral struct{ *bytes.Reader }

func (l imapLiteral) Size() int64 { return l.Reader.Size() }

// Holds counts the letters in a folder.
func (m *Mailbox) Holds(folder string) int {
	data, err := m.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return 0
	}
	return int(*data.NumMessages)
}
