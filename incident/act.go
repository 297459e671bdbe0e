package incident

import (
	"fmt"
	"time"
)

// Action is something that somebody does to an incident.
type Action string

// What the desk does.
const (
	Take     Action = "take"
	Ask      Action = "ask"   // a question to the reporter
	Solve    Action = "solve" // it works again, says the desk
	HandOver Action = "over"  // from a colleague to whoever says so
	Return   Action = "back"  // to nobody
	Relay    Action = "relay" // a word to the reporter that changes nothing
	Note     Action = "note"  // a word to colleagues
)

// What the reporter does, and time.
const (
	Append   Action = "append"  // more text or files; after the end it changes no status
	Amend    Action = "amend"   // another text of a message that was appended
	Confirm  Action = "helped"  // «Помогло»
	Reject   Action = "nothelp" // «Не помогло», with or without words
	Finish   Action = "finish"  // «Проблема решена»
	Withdraw Action = "undo"    // «Отозвать обращение»
	Rate     Action = "rate"    // one to five
	Lapse    Action = "lapse"   // silence after a solution
)

// reopenWithin is how long a solved or closed incident can be opened again
// under its number.
const reopenWithin = 14 * 24 * time.Hour

// LapsesAfter is the silence after a solution that closes an incident.
const LapsesAfter = 48 * time.Hour

// Act is one action with all that belongs to it.
type Act struct {
	// ID makes it unique: done twice, it counts once.
	ID     string
	Number Number
	Action Action
	By     Side
	// Reporter is the private chat of the person, checked when By is
	// ByReporter.
	Reporter int64
	// Name is the member of the desk, "" for the other sides; MemberID is the
	// member's id at Telegram, by which colleagues of one name are told apart.
	Name        string
	MemberID    int64
	Text        string
	Attachments []Attachment
	// Album names the album of which Attachments are a part, "" if none. It
	// says how they travel and is not kept.
	Album string
	// MessageID is the reporter's message that is passed on, 0 for a press: it
	// is remembered as one about the incident.
	MessageID int
	At        time.Time
}

// rule is a row of the table of actions.
type rule struct {
	kind Kind
	to   map[Status]Status // from each status in which it is possible
	// assignee: takes makes it the doer's, claims makes it the doer's if it
	// was nobody's, frees makes it nobody's.
	takes, claims, frees bool
}

var (
	open     = []Status{Registered, InProgress, Waiting}
	every    = []Status{Registered, InProgress, Waiting, Resolved, Closed, Cancelled}
	reopened = map[Status]Status{Resolved: InProgress, Closed: InProgress}
)

// rules say what is possible when, and what comes of it. Everything else is
// refused.
var rules = map[Action]rule{
	Take:     {kind: KindTaken, to: map[Status]Status{Registered: InProgress}, takes: true},
	Ask:      {kind: KindAsked, to: all(open, Waiting), claims: true},
	Solve:    {kind: KindSolved, to: all(open, Resolved), claims: true},
	HandOver: {kind: KindHandedOver, to: map[Status]Status{InProgress: InProgress, Waiting: Waiting}, takes: true},
	Return:   {kind: KindReturned, to: map[Status]Status{InProgress: Registered, Waiting: Registered}, frees: true},
	Relay:    {kind: KindRelayed, to: same(every)},
	Note:     {kind: KindNoted, to: same(every)},
	Append: {kind: KindAdded, to: map[Status]Status{Registered: Registered, InProgress: InProgress, Waiting: InProgress,
		Resolved: Resolved, Closed: Closed}},
	Amend:    {kind: KindAmended, to: same(every)},
	Confirm:  {kind: KindConfirmed, to: map[Status]Status{Resolved: Closed}},
	Reject:   {kind: KindRejected, to: reopened},
	Finish:   {kind: KindFinished, to: all([]Status{Registered, InProgress, Waiting, Resolved}, Closed)},
	Withdraw: {kind: KindWithdrawn, to: map[Status]Status{Registered: Cancelled}},
	Rate:     {kind: KindRated, to: map[Status]Status{Closed: Closed}},
	Lapse:    {kind: KindLapsed, to: map[Status]Status{Resolved: Closed}},
}

func all(from []Status, to Status) map[Status]Status {
	m := map[Status]Status{}
	for _, s := range from {
		m[s] = to
	}
	return m
}

func same(statuses []Status) map[Status]Status {
	m := map[Status]Status{}
	for _, s := range statuses {
		m[s] = s
	}
	return m
}

// Refused is the error of an act that is not possible; get it with errors.As.
// Last is the entry of the history that explains it: who did what, when.
type Refused struct {
	Incident Incident
	Action   Action
	Last     Entry
}

// Error names the incident, the action and the status.
func (e *Refused) Error() string {
	return fmt.Sprintf("%s is not possible for %s, which is %s", e.Action, e.Incident.Number, string(e.Incident.Status))
}

// Allows says whether the action is possible at now, whoever does it.
func (i Incident) Allows(a Action, now time.Time) bool {
	_, ok := rules[a].to[i.Status]
	ok = ok && !i.Erased()
	if ok && !i.Status.Open() && (a == Append || a == Reject) {
		ok = now.Before(i.StatusAt.Add(reopenWithin))
	}
	return ok && (a != Rate || !i.rated())
}

// Done returns the incident after the act. It does not change i. The error is
// *Refused.
func (i Incident) Done(a Act) (Incident, error) {
	r := rules[a.Action]
	own := a.Action == HandOver && i.AssignedTo(a.MemberID, a.Name)
	if !i.Allows(a.Action, a.At) || own {
		return i, &Refused{Incident: i, Action: a.Action, Last: i.lastChange()}
	}
	if to := r.to[i.Status]; to != i.Status {
		i.Status, i.StatusAt = to, a.At
	}
	switch {
	case r.takes, r.claims && i.Assignee == "":
		i.Assignee, i.AssigneeID = a.Name, a.MemberID
	case r.frees:
		i.Assignee, i.AssigneeID = "", 0
	}
	i.History = append(i.History[:len(i.History):len(i.History)], Entry{
		At: a.At, Kind: r.kind, By: a.By, Name: a.Name, Text: a.Text, Attachments: a.Attachments,
	})
	i.Attachments = append(i.Attachments[:len(i.Attachments):len(i.Attachments)], a.kept()...)
	i.Version++
	return i, nil
}

// kept are the files that become the incident's own.
func (a Act) kept() []Attachment {
	if a.Action == Append || a.Action == Reject {
		return a.Attachments
	}
	return nil
}

// lastChange is the entry that made the present status.
func (i Incident) lastChange() Entry {
	for k := len(i.History) - 1; k >= 0; k-- {
		if moves[i.History[k].Kind] {
			return i.History[k]
		}
	}
	return Entry{}
}

func (i Incident) rated() bool {
	for _, e := range i.History {
		if e.Kind == KindRated {
			return true
		}
	}
	return false
}

// Unanswered counts the reporter's messages since the desk last spoke to the
// person, and says when the first of them came.
func (i Incident) Unanswered() (n int, since time.Time) {
	for _, e := range i.History {
		switch e.Kind {
		case KindAsked, KindSolved, KindRelayed:
			n, since = 0, time.Time{}
		case KindAdded, KindRejected:
			if n == 0 {
				since = e.At
			}
			n++
		}
	}
	if !i.Status.Open() {
		return 0, time.Time{}
	}
	return n, since
}

// SupportTime is how long support has had the incident by now: real time since
// the registration less the time in which the word was the reporter's (status
// waiting, or a solution not yet answered).
func (i Incident) SupportTime(now time.Time) time.Duration {
	var spent time.Duration
	from, running, ended := i.RegisteredAt, true, false
	for _, e := range i.History {
		ends := e.Kind == KindSolved || e.Kind == KindFinished
		stops := e.Kind == KindAsked || ends
		starts := e.Kind == KindAdded && !ended || e.Kind == KindRejected || e.Kind == KindReturned
		switch {
		case running && stops:
			spent += e.At.Sub(from)
			running = false
		case !running && starts:
			from, running = e.At, true
		}
		ended = ends || ended && e.Kind != KindRejected
	}
	if running && i.Status.Open() {
		spent += now.Sub(from)
	}
	return spent
}
