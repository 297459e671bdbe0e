package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/mailer"
	"intakebot/outbox"
)

// postfix is a mail server as others run it: STARTTLS is mandatory, letters are
// taken from those only who authenticate, and delivered into maildirs.
type postfix struct {
	testing.TB
	dir   string
	port  int
	roots *x509.CertPool
}

// returningDomain is one whose letters the server takes, and brings back.
const returningDomain = "returned.example"

// The account of the bot at the mail server.
const mailUser, mailPassword = "intake", "пароль с пробелом"

// startPostfix starts a server in a directory of its own, on a free loopback
// port. It ends with the test.
func startPostfix(t testing.TB, mechanisms ...string) *postfix {
	t.Helper()
	for _, program := range []string{"postfix", "postconf", "saslpasswd2"} {
		if _, err := exec.LookPath(program); err != nil {
			harness.Missing(t, program+": apt-get install postfix sasl2-bin libsasl2-modules")
		}
	}
	owner, err := user.Lookup("postfix")
	if err != nil || os.Geteuid() != 0 {
		harness.Missing(t, "the rights of root, which Postfix needs to start")
	}
	if len(mechanisms) == 0 {
		mechanisms = []string{"SCRAM-SHA-256", "PLAIN", "LOGIN"}
	}
	p := &postfix{TB: t, dir: t.TempDir()}
	p.must(os.Chmod(filepath.Dir(p.dir), 0o755)) // its processes run as others
	for _, d := range []string{"etc", "etc/sasl", "queue", "data", "mail"} {
		p.must(os.Mkdir(filepath.Join(p.dir, d), 0o755))
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	for _, d := range []string{"data", "mail", "etc/sasl"} {
		p.must(os.Chown(filepath.Join(p.dir, d), uid, gid))
	}
	p.certify()
	p.password(uid, gid)
	p.port, _ = strconv.Atoi(harness.FreePort(t))
	p.write("etc/main.cf", fmt.Sprintf(mainCF, p.dir, owner.Uid, owner.Gid))
	p.write("etc/boxes", harness.UITBox+" uit/\n"+harness.SupportBox+" support/\nintake@example.ru intake/\n")
	p.write("etc/aliases", "sd@"+returningDomain+" nobody@refused.example\n")
	p.write("etc/transport", "refused.example error:5.1.1 there is no such box\n")
	p.write("etc/master.cf", fmt.Sprintf(masterCF, p.port))
	// Debian looks for it beside the rest, whatever cyrus_sasl_config_path says.
	p.write("etc/sasl/smtpd.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: "+p.dir+"/etc/sasl/db\nmech_list: "+strings.Join(mechanisms, " ")+"\n")
	p.start()
	return p
}

// mainCF is Postfix' configuration: a directory, the numbers of its user and
// group.
const mainCF = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/data/log
maillog_file_prefixes = %[1]s
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
alias_maps =
virtual_mailbox_domains = example.ru
virtual_alias_domains = returned.example
virtual_alias_maps = texthash:%[1]s/etc/aliases
transport_maps = texthash:%[1]s/etc/transport
virtual_mailbox_maps = texthash:%[1]s/etc/boxes
virtual_mailbox_base = %[1]s/mail
virtual_uid_maps = static:%[2]s
virtual_gid_maps = static:%[3]s
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = %[1]s/etc/server.pem
smtpd_tls_key_file = %[1]s/etc/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = example.ru
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_forbid_bare_newline = reject
`

// masterCF are Postfix' services: a port.
const masterCF = `127.0.0.1:%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

func (p *postfix) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *postfix) write(name, text string) {
	p.Helper()
	p.must(os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644))
}

// certify makes an authority of our own and the server's certificate by it.
func (p *postfix) certify() {
	p.Helper()
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.must(err)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	p.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	p.must(err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	p.roots = x509.NewCertPool()
	p.roots.AppendCertsFromPEM(certificate)
	p.write("etc/server.pem", string(certificate))
	p.write("etc/server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// password makes the bot's account.
func (p *postfix) password(uid, gid int) {
	p.Helper()
	db := filepath.Join(p.dir, "etc", "sasl", "db")
	cmd := exec.Command("saslpasswd2", "-p", "-c", "-f", db, "-u", "example.ru", mailUser)
	cmd.Stdin = strings.NewReader(mailPassword)
	if out, err := cmd.CombinedOutput(); err != nil {
		p.Fatalf("saslpasswd2: %v\n%s", err, out)
	}
	p.must(os.Chown(db, uid, gid))
}

// start runs the server until the test ends: its master alone, which stays in
// the foreground.
func (p *postfix) start() {
	p.Helper()
	etc := filepath.Join(p.dir, "etc")
	if out, err := exec.Command("postfix", "-c", etc, "check").CombinedOutput(); err != nil {
		p.Fatalf("postfix check: %v\n%s", err, out)
	}
	daemons, err := exec.Command("postconf", "-c", etc, "-h", "daemon_directory").Output()
	p.must(err)
	cmd := exec.Command(filepath.Join(strings.TrimSpace(string(daemons)), "master"), "-c", etc, "-d")
	cmd.Env = append(os.Environ(), "MAIL_CONFIG="+etc)
	p.must(cmd.Start())
	p.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // its master ends all the others
		_ = cmd.Wait()
		if p.Failed() {
			p.Logf("Postfix:\n%s", p.log())
		}
	})
	p.logged("daemon started", 1)
}

func (p *postfix) log() string {
	text, _ := os.ReadFile(filepath.Join(p.dir, "data", "log")) // none before the start
	return string(text)
}

// logged waits until the server has written the text so many times. A file tells
// nobody that it grew, so it is looked at now and then.
func (p *postfix) logged(text string, times int) {
	p.Helper()
	for began := time.Now(); strings.Count(p.log(), text) < times; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > harness.Patience {
			p.Fatalf("Postfix did not write %q %d times", text, times)
		}
	}
}

// received are the letters in a box, as they were stored.
func (p *postfix) received(box string) [][]byte {
	p.Helper()
	name, _, _ := strings.Cut(box, "@")
	files, err := filepath.Glob(filepath.Join(p.dir, "mail", name, "new", "*"))
	p.must(err)
	var all [][]byte
	for _, file := range files {
		letter, err := os.ReadFile(file)
		p.must(err)
		all = append(all, letter)
	}
	return all
}

// relay is how to hand letters to the server.
func (p *postfix) relay() mailer.SMTP {
	return mailer.SMTP{Host: "localhost", Port: p.port, Username: mailUser + "@example.ru", Password: mailPassword, TLS: mailer.StartTLS, RootCAs: p.roots}
}

// TestPostfixVerdicts: what a real server says is judged as the outbox needs it,
// and what it accepts is delivered to the byte.
func TestPostfixVerdicts(t *testing.T) {
	t.Parallel()
	p := startPostfix(t)
	i := incident.Incident{Number: incident.NewNumber(2026, 1), Reporter: 7, RegisteredAt: harness.Monday, Answers: incident.Answers{
		{Key: incident.Organisation, Label: "Организация", Value: "Школа № 5 «Ёлка»\r\nBcc: x@example.ru"},
		{Key: incident.Email, Label: "Электронная почта", Value: "ivanova@example.ru"},
		{Key: incident.Description, Label: "Описание", Value: strings.Repeat("Точка в начале строки:\n.\nMAIL FROM:<x@example.ru>\n", 400)},
	}}
	letter, _, err := mailer.Letters{From: "Приём <intake@example.ru>", Support: harness.SupportBox, UIT: harness.UITBox}.SupportCopy(i)
	if err != nil {
		t.Fatal(err)
	}
	stranger := letter
	stranger.To = "nobody@example.ru"
	for _, test := range []struct {
		name    string
		change  func(*mailer.SMTP)
		letter  outbox.Letter
		outcome mailer.Outcome
		stage   mailer.Stage
		code    int
	}{
		{"as it should be", func(*mailer.SMTP) {}, letter, mailer.Accepted, mailer.StageAnswer, 250},
		{"a recipient that does not exist", func(*mailer.SMTP) {}, stranger, mailer.Refused, mailer.StageRcpt, 550},
		{"a wrong password", func(s *mailer.SMTP) { s.Password = "wrong" }, letter, mailer.OurFault, mailer.StageAuth, 535},
		{"a user that does not exist", func(s *mailer.SMTP) { s.Username = "nobody" }, letter, mailer.OurFault, mailer.StageAuth, 535},
		{"no user", func(s *mailer.SMTP) { s.Username = "" }, letter, mailer.Refused, mailer.StageRcpt, 554},
		{"an authority that is not trusted", func(s *mailer.SMTP) { s.RootCAs = x509.NewCertPool() }, letter, mailer.OurFault, mailer.StageTLS, 0},
		{"no TLS", func(s *mailer.SMTP) { s.TLS, s.Username = mailer.None, "" }, letter, mailer.OurFault, mailer.StageMail, 530},
		{"TLS from the first byte", func(s *mailer.SMTP) { s.TLS = mailer.Implicit }, letter, mailer.OurFault, mailer.StageTLS, 0},
	} {
		s := p.relay()
		test.change(&s)
		if v := s.Deliver(t.Context(), test.letter); v.Outcome != test.outcome || v.Stage != test.stage || v.Code != test.code {
			t.Errorf("%s: %s at %s, code %d: %v", test.name, v.Outcome, v.Stage, v.Code, v.Err)
		}
	}
	p.logged("status=sent", 1)
	got := p.received(harness.SupportBox)
	if len(got) != 1 {
		t.Fatalf("%d letters in the box", len(got))
	}
	// A maildir has Unix' line ends, and the server its own lines above.
	want := bytes.ReplaceAll(letter.Raw, []byte("\r\n"), []byte("\n"))
	above, whole := bytes.CutSuffix(got[0], want)
	if !whole || !strings.Contains(string(above), "ESMTPSA") {
		t.Errorf("the letter is not what was sent, or came without TLS and AUTH:\n%s", got[0])
	}
	if log := p.log(); !strings.Contains(log, "sasl_method=SCRAM-SHA-256") || strings.Contains(log, "SMTPUTF8") {
		t.Error("the server did not see SCRAM, or saw SMTPUTF8")
	}
}

// TestPostfixPlainOnly: a server that takes a password as PLAIN only takes ours,
// one whose password is missing is our settings' fault and not the letter's, and
// an inspection leaves nothing behind.
func TestPostfixPlainOnly(t *testing.T) {
	t.Parallel()
	p := startPostfix(t, "PLAIN")
	outside := "sd@kurganobl.example"
	letter := outbox.Letter{
		Key: "escalation:26-00001-0:1", From: "intake@example.ru", To: harness.UITBox, MessageID: "26-00001-0.1@example.ru",
		Raw: []byte("From: <intake@example.ru>\r\nSubject: x\r\n\r\nbody\r\n"),
	}
	if v := p.relay().Deliver(t.Context(), letter); v.Outcome != mailer.Accepted {
		t.Errorf("with the password: %s at %s: %v", v.Outcome, v.Stage, v.Err)
	}
	p.logged("status=sent", 1)
	if log := p.log(); !strings.Contains(log, "sasl_method=PLAIN") {
		t.Error("the server did not see PLAIN")
	}
	nobody := p.relay()
	nobody.Username = ""
	letter.To = outside
	if v := nobody.Deliver(t.Context(), letter); v.Outcome != mailer.OurFault || v.Stage != mailer.StageRcpt || v.Code/100 != 5 {
		t.Errorf("without: %s at %s, code %d: %v", v.Outcome, v.Stage, v.Code, v.Err)
	}
	seen, v := p.relay().Inspect(t.Context(), letter.From, harness.UITBox, "nobody@example.ru")
	if v.Outcome != mailer.Accepted || len(seen.Recipients) != 2 || !seen.Encrypted {
		t.Fatalf("%s at %s: %v; %+v", v.Outcome, v.Stage, v.Err, seen)
	}
	if a, b := seen.Recipients[0].Verdict.Outcome, seen.Recipients[1].Verdict.Outcome; a != mailer.Accepted || b != mailer.Refused {
		t.Errorf("recipients: %s, %s", a, b)
	}
	if seen, _ := nobody.Inspect(t.Context(), letter.From, outside); len(seen.Recipients) != 1 || seen.Recipients[0].Verdict.Outcome != mailer.OurFault {
		t.Errorf("without a password: %+v", seen.Recipients)
	}
	if n := len(p.received(harness.UITBox)); n != 1 {
		t.Errorf("%d letters in the box", n)
	}
}

// TestThroughPostfix is the whole program with a real mail server: while the
// password is wrong or the certificate is not trusted, letters wait and the
// operator is told; with the right ones they arrive.
func TestThroughPostfix(t *testing.T) {
	t.Parallel()
	p := startPostfix(t)
	h := harness.Start(t, harness.Closed, harness.InRealTime, func(h *harness.Harness) {
		h.Env["SMTP_HOST"], h.Env["SMTP_PORT"], h.Env["SMTP_TLS"] = "localhost", strconv.Itoa(p.port), "starttls"
		h.Env["SMTP_USERNAME"], h.Env["SMTP_PASSWORD"] = mailUser+"@example.ru", "wrong"
	})
	run := h.Process("serve")
	anna := h.Clerk()
	n := anna.Files()
	run.Out.Await(t, "letters do not leave", 1)
	run.Stops()

	h.Env["SMTP_PASSWORD"] = mailPassword
	run = h.Process("serve") // and nobody trusts the server yet
	run.Out.Await(t, "letters do not leave", 1)
	if len(p.received(harness.SupportBox)) != 0 {
		t.Error("a letter went to a server that is not trusted")
	}
	run.Stops()

	h.Env["SSL_CERT_FILE"] = filepath.Join(p.dir, "etc", "server.pem")
	run = h.Process("serve")
	p.logged("status=sent", 1)
	anna.Escalates(n, "Связи по-прежнему нет.")
	p.logged("status=sent", 2)
	run.Stops()
	for _, box := range []string{harness.SupportBox, harness.UITBox} {
		all := p.received(box)
		if len(all) != 1 || !strings.Contains(string(all[0]), "X-Incident-Number: "+string(n)+"\n") {
			t.Errorf("%d letters in %s", len(all), box)
		}
	}
	if strings.Contains(run.Out.String(), mailPassword) {
		t.Error("the log holds the password")
	}
}
