package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"

	"intakebot/incident"
)

// Outcome says what an attempt means for the letter.
type Outcome int

// The outcomes. The zero value is the harmless one: try again.
const (
	// Later: the server said 4xx, could not be reached, or the connection was
	// lost before the letter was whole. Try again.
	Later Outcome = iota
	// Accepted: a server took the responsibility for the letter (RFC 5321,
	// 4.2.5). It must not be sent again.
	Accepted
	// Refused: the server refused this letter for good, 5xx at RCPT, DATA or
	// after the letter. Trying again would not help; people must be told.
	Refused
	// OurFault: the server refused us, not the letter: 5xx before RCPT, relay
	// access denied, no STARTTLS, a certificate that does not hold, a wrong
	// password. Try again, and tell the administrator once.
	OurFault
	// Ambiguous: the connection was lost after the final dot, before the
	// answer. The letter may have arrived. Try again with the same bytes: a
	// second copy has the same Message-ID.
	Ambiguous
)

// Outcomes are all of them.
var Outcomes = []Outcome{Later, Accepted, Refused, OurFault, Ambiguous}

// String returns the outcome as it stands in the log.
func (o Outcome) String() string {
	return [...]string{"later", "accepted", "refused", "our fault", "ambiguous"}[o]
}

// Stage is how far an attempt came.
type Stage string

// The stages of a delivery, in order. With implicit TLS, StageTLS comes before
// StageGreeting.
const (
	StageDial     Stage = "dial"
	StageGreeting Stage = "greeting" // 220, EHLO
	StageTLS      Stage = "tls"      // STARTTLS, handshake, the second EHLO
	StageAuth     Stage = "auth"
	StageMail     Stage = "mail"
	StageRcpt     Stage = "rcpt"
	StageData     Stage = "data"   // the DATA command and the letter up to its final dot
	StageAnswer   Stage = "answer" // the server's answer to the letter
)

var stageNames = map[Stage]string{
	StageDial: "соединение", StageGreeting: "приветствие", StageTLS: "шифрование", StageAuth: "вход", StageMail: "отправитель",
	StageRcpt: "получатель", StageData: "передача письма", StageAnswer: "ответ на письмо",
}

// Name is the stage in Russian.
func (s Stage) Name() string { return stageNames[s] }

// aboutLetter says whether a 5xx at this stage concerns the letter. Before
// RCPT the server has seen nothing of it but the sender, which is a setting.
func (s Stage) aboutLetter() bool {
	return s == StageRcpt || s == StageData || s == StageAnswer
}

// Verdict is the result of one attempt to deliver a letter.
type Verdict struct {
	Outcome Outcome
	// Stage is where the attempt ended: StageAnswer when Accepted.
	Stage Stage
	// Code is the server's reply code, 0 when it said nothing.
	Code int
	// Reply is the server's own words on one line, safe to show: without the
	// password, even when the server repeats it. They can name the recipient.
	Reply string
	// Err is the technical cause, nil when Accepted. It holds no password.
	Err error
}

// Problem says in Russian why the letter did not go: the server's answer, or
// one sentence when there was none; "" when it was accepted.
func (v Verdict) Problem() string {
	switch {
	case v.Outcome == Accepted:
		return ""
	case v.Code != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", v.Code, v.Reply))
	case v.Outcome == Ambiguous:
		return "связь с почтовым сервером оборвалась до его ответа, письмо могло дойти"
	case v.Stage == StageDial:
		return "почтовый сервер не отвечает"
	case Explain(v.Err) != "":
		return Explain(v.Err)
	case v.Outcome == OurFault && v.Stage == StageTLS:
		return "не удалось установить защищённое соединение с почтовым сервером"
	case v.Outcome == OurFault && v.Stage == StageAuth:
		return "почтовый сервер не принял имя или пароль бота"
	case v.Outcome == Refused:
		return "в письме неверный адрес"
	default:
		return "связь с почтовым сервером оборвалась"
	}
}

// judge turns the error that ended an attempt at a stage into a verdict. scrub
// takes out of a text what must not be shown.
func judge(stage Stage, err error, scrub func(string) string) Verdict {
	v := Verdict{Stage: stage, Outcome: Later, Err: fmt.Errorf("smtp, stage %s: %w", stage, err)}
	if text := v.Err.Error(); scrub(text) != text {
		v.Err = errors.New(scrub(text)) // not wrapped: the cause holds the secret
	}
	if reply := (*textproto.Error)(nil); errors.As(err, &reply) {
		v.Code, v.Reply = reply.Code, words(scrub(reply.Msg))
	}
	switch {
	case stage.aboutLetter() && v.Code != 0 && aboutUs(stage, v.Code, v.Reply):
		v.Outcome = OurFault
	case v.Code/100 == 4:
		v.Outcome = Later
	case v.Code/100 == 5 && stage.aboutLetter():
		v.Outcome = Refused
	case v.Code/100 == 5:
		v.Outcome = OurFault
	case stage == StageAnswer:
		v.Outcome = Ambiguous // no answer, or none that RFC 5321 knows
	case (stage == StageTLS || stage == StageAuth) && v.Code == 0 && !lost(err):
		v.Outcome = OurFault // certificates, missing extensions, mechanisms
	}
	return v
}

// At RCPT many servers give all their refusals, also those that concern who we
// are and not whom the letter is for. aboutRelaying are words of those who want us
// to authenticate, aboutSender of those who want us to be somebody else.
var (
	aboutRelaying = []string{
		"relay access denied", "relaying denied", "relay not permitted", "relaying not allowed", "unable to relay", "not permitted to relay",
		"authentication required", "authentication is required", "must authenticate", "not authenticated", "authenticate first",
	}
	aboutSender = []string{"sender address rejected", "client host rejected", "helo command rejected"}
)

// aboutUs says that a refusal of a letter, for good or not, is one of our
// settings: all letters would be refused so. A refusal of the sender for now is
// not: greylisting speaks so.
func aboutUs(stage Stage, code int, reply string) bool {
	switch {
	case code == 530, code == 535, code == 538: // RFC 4954, 6; RFC 3207, 4
		return true
	case stage != StageRcpt:
		return false
	}
	named := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(reply), w) })
	}
	return named(aboutRelaying) || code/100 == 5 && named(aboutSender)
}

// words is a server's reply on one line, at a length that can be shown.
func words(reply string) string {
	short, _ := incident.Cut(oneLine(reply), 300)
	return short
}

// lost says whether err is the network's: a connection refused, broken, closed
// or too slow, rather than something that the two sides could not agree on.
func lost(err error) bool {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		// crypto/tls reports its alerts as OpErrors too.
		return op.Op != "remote error" && op.Op != "local error"
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return true
	}
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, context.Canceled} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}
