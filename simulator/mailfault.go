package simulator

import (
	"slices"
	"strings"
)

// Stage is a point of an SMTP session (RFC 5321, section 3) where the sink can
// misbehave.
type Stage string

// The stages, in the order in which a session reaches them.
const (
	AtGreeting Stage = "greeting"
	AtEHLO     Stage = "EHLO" // and HELO
	AtStartTLS Stage = "STARTTLS"
	AtAuth     Stage = "AUTH"
	AtMail     Stage = "MAIL"
	AtRcpt     Stage = "RCPT"
	AtData     Stage = "DATA" // the command, before the letter
	AtDot      Stage = "dot"  // after the whole letter and its final dot
	AtRset     Stage = "RSET"
	AtQuit     Stage = "QUIT"
)

// MailAction is what the sink does instead of its duty.
type MailAction int

// The ways to misbehave.
const (
	Refuse       MailAction = iota // answer with Code and Text; 421 closes the connection
	Drop                           // close the connection without an answer
	Stall                          // never answer; ends when the client goes or the sink closes
	StoreAndDrop                   // AtDot only: keep the letter, then close without an answer
	StoreAndHang                   // AtDot only: keep the letter, then never answer
)

// MailFault is a misbehaviour on demand.
type MailFault struct {
	Stage  Stage
	Action MailAction
	Code   int    // for Refuse: 4xx or 5xx; default 451
	Text   string // for Refuse; an enhanced code such as 5.1.1 may lead it
	// Recipient limits the fault to sessions with this envelope recipient: AtRcpt
	// the one just named, AtData and AtDot any of them.
	Recipient string
	Times     int // strike so often, then be over; 0: until cleared
}

// Fault arranges for a misbehaviour and returns how to end it. Of several that
// fit the oldest strikes.
func (m *Mail) Fault(f MailFault) (clear func()) {
	if f.Code == 0 {
		f.Code = 451
	}
	if f.Text == "" {
		f.Text = "the simulator was told so"
	}
	own := &f
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = append(m.faults, own)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.dropFault(own)
	}
}

// ClearFaults ends all misbehaviour; sessions that stall go on stalling.
func (m *Mail) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = nil
}

// Struck is how often a fault has struck so far.
func (m *Mail) Struck() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.struck
}

func (m *Mail) dropFault(f *MailFault) {
	m.faults = slices.DeleteFunc(m.faults, func(x *MailFault) bool { return x == f })
}

// takeFault returns the fault for this stage, or nil, and counts it.
func (m *Mail) takeFault(at Stage, recipients ...string) *MailFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.faults {
		if f.Stage != at || f.Recipient != "" && !slices.ContainsFunc(recipients, func(to string) bool {
			return strings.EqualFold(to, f.Recipient)
		}) {
			continue
		}
		m.struck++
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				m.dropFault(f)
			}
		}
		return f
	}
	return nil
}
