package mailbox

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// dovecot starts a real server in a folder of its own, with the box «box», and
// returns it and its maildir.
func dovecot(t *testing.T) (Server, string) {
	t.Helper()
	if _, err := exec.LookPath("dovecot"); err != nil || os.Geteuid() != 0 {
		if os.Getenv("INTAKEBOT_TEST_STRICT") != "" {
			t.Fatal("dovecot and the rights of root are needed: apt-get install dovecot-imapd")
		}
		t.Skip("dovecot and the rights of root: apt-get install dovecot-imapd")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	dir, err := os.MkdirTemp("", "dove") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	maildir := filepath.Join(dir, "mail")
	const owner = 12345
	for _, folder := range []string{"", "mail", "mail/new", "mail/cur", "mail/tmp"} {
		path := filepath.Join(dir, folder)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if folder != "" {
			_ = os.Chown(path, owner, owner)
		}
	}
	_ = os.Chmod(dir, 0o755)
	config := filepath.Join(dir, "dovecot.conf")
	err = os.WriteFile(config, fmt.Appendf(nil, `base_dir = %[1]s/run
state_dir = %[1]s/state
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = %[1]s/log
mail_location = maildir:%[1]s/mail
passdb {
  driver = static
  args = password=word
}
userdb {
  driver = static
  args = uid=%[2]d gid=%[2]d home=%[1]s/mail
}
service imap-login {
  inet_listener imap {
    port = %[3]d
  }
  inet_listener imaps {
    port = 0
  }
}
`, dir, owner, port), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("dovecot", "-F", "-c", config)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("%s", log)
		}
	})
	return Server{Host: "127.0.0.1", Port: port, Username: "box", Password: "word", TLS: None, Folder: "INBOX", Done: "Обработано",
		Timeouts: Timeouts{Check: time.Minute}}, maildir
}

// TestDovecot: a real server tells of letters at once, and they are stored and
// moved, the hard ones byte for byte.
func TestDovecot(t *testing.T) {
	t.Parallel()
	server, maildir := dovecot(t)
	eventually(t, "the server answers", func() bool {
		_, err := server.Inspect(t.Context())
		return err == nil
	})
	store := &memory{}
	p := &post{t: t}
	b := p.watched(store, server)
	eventually(t, "it watches", func() bool { return b.State().Connected })
	letters, err := filepath.Glob("testdata/letters/*.eml")
	if err != nil || len(letters) == 0 {
		t.Fatal(err)
	}
	for k, name := range letters {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(maildir, "tmp", fmt.Sprintf("%d.letter", k))
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		_ = os.Chown(path, 12345, 12345)
		if err := os.Rename(path, filepath.Join(maildir, "new", filepath.Base(path))); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" is stored", func() bool { return store.count() == k+1 })
		if got := store.letters[k].Raw; string(got) != string(raw) {
			t.Errorf("%s: %d bytes became %d", name, len(raw), len(got))
		}
	}
	eventually(t, "the folder is empty", func() bool {
		found, err := server.Inspect(t.Context())
		return err == nil && found == Inspection{DoneExists: true, Idle: true}
	})
	if s := b.State(); !s.Connected || s.Problem != "" {
		t.Errorf("%+v", s)
	}
}
