package conversation

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// schema is the version of State's JSON. Raise it when an older program could
// misread what a newer one wrote.
const schema = 1

// State is the live conversation in one private chat; it is kept in Redis. The
// zero State is a chat in which nothing is going on. At most one dialogue has
// the floor, in this order: escalation, addition, offer, draft.
type State struct {
	Schema     int              `json:"v"`
	Draft      *Draft           `json:"draft,omitempty"`
	Discarded  *Draft           `json:"discarded,omitempty"` // cancelled, can be restored
	Escalation *EscalationDraft `json:"escalation,omitempty"`
	Addition   *AdditionDraft   `json:"addition,omitempty"`
	Offer      *PendingText     `json:"offer,omitempty"`
	// Album is the one of which a part just came: what became of it is true of
	// the others, that are added to the same incident or have no room either.
	Album *Album `json:"album,omitempty"`
	// Misfit is the last file that came where none is asked for: one answer does
	// for all that follow at once.
	Misfit *Misfit `json:"misfit,omitempty"`
	// Refused are the messages that were just not taken: what one says after an
	// edit is looked at anew.
	Refused []int `json:"turned_away,omitempty"`
	// Filed are the messages whose words went into incidents.
	Filed []Filed `json:"filed,omitempty"`
	// Screen holds the buttons of the last question: typing a label is
	// pressing it.
	Screen []Button `json:"screen,omitempty"`
	// Keyboard: the reply keyboard is shown and must be taken away.
	Keyboard bool `json:"keyboard,omitempty"`
}

// Draft is a report in the making.
type Draft struct {
	ID      string                 `json:"id"`
	Answers map[incident.Key]Given `json:"answers,omitempty"`
	Parts   []Part                 `json:"parts,omitempty"`
	// Said are words for the current question that are no answer yet: the
	// beginning of one, or a message of which the next is here already.
	Said *Said `json:"said,omitempty"`
	// Anew are the parts that will replace those of the description.
	Anew []Part `json:"anew,omitempty"`
	// Questions is how many questions of support there were when the current
	// question was put: another one is newer.
	Questions int `json:"questions,omitempty"`
	// Editing is the answered step that the person went back to, "" if none.
	Editing incident.Key `json:"editing,omitempty"`
	// Hint is a suggestion for an answer just taken.
	Hint *Hint `json:"hint,omitempty"`
	// Remembered: some answers are those of the last incident.
	Remembered bool `json:"remembered,omitempty"`
	// Reminded: the person was told that the draft will expire.
	Reminded bool `json:"reminded,omitempty"`
	// checked is what Check said of each step's answer.
	checked map[incident.Key]checked
}

// checked is an answer with what Check said of it.
type checked struct {
	typed, value string
	complaint    Complaint
}

// Given is an answer and the message that gave it.
type Given struct {
	Value     string `json:"value"`
	MessageID int    `json:"message_id,omitempty"`
}

// Said are words for one question, a message each, the newest last.
type Said struct {
	Key   incident.Key `json:"key"`
	Words []Part       `json:"words"`
	At    time.Time    `json:"at"`
	// Refused: the person was told that they are no answer.
	Refused bool `json:"refused,omitempty"`
}

// Misfit is a file that came where none is asked for.
type Misfit struct {
	Album string                  `json:"album,omitempty"`
	Kind  incident.AttachmentKind `json:"kind"`
	At    time.Time               `json:"at"`
}

// Part is one message of the description.
type Part struct {
	MessageID  int                  `json:"message_id"`
	Text       string               `json:"text,omitempty"`
	Attachment *incident.Attachment `json:"attachment,omitempty"`
	Album      string               `json:"album,omitempty"`
}

func (p Part) empty() bool { return p.Text == "" && p.Attachment == nil }

// Hint offers another value for an answer, or only doubts it.
type Hint struct {
	Key   incident.Key `json:"key"`
	Value string       `json:"value,omitempty"`
	// Doubt says in a sentence what looks odd about the answer, "" if nothing.
	Doubt string `json:"doubt,omitempty"`
}

// data is what the button that takes the hint brings back: which draft, and
// which hint, since buttons of older hints stay on the screen.
func (h *Hint) data(draft string) string {
	sum := fnv.New32a()
	sum.Write([]byte(string(h.Key) + h.Value))
	return fmt.Sprintf("hint:%s:%08x", draft, sum.Sum32())
}

// EscalationDraft is an escalation in the making.
type EscalationDraft struct {
	ID     string          `json:"id"`
	Number incident.Number `json:"number"`
	// State is the current state of the repair, "" until answered.
	State     string `json:"state,omitempty"`
	MessageID int    `json:"message_id,omitempty"`
	// Held is the beginning of an answer of which the rest is here already.
	Held string `json:"held,omitempty"`
	// Other is what was written when the state was given already: the person
	// is asked whether it replaces it.
	Other string `json:"other,omitempty"`
}

// AdditionDraft says to which incident the next messages are added.
type AdditionDraft struct {
	ID     string          `json:"id"`
	Number incident.Number `json:"number"`
	At     time.Time       `json:"at"` // of the last message
}

// Album is a number of files sent as one.
type Album struct {
	ID     string          `json:"id"`
	Number incident.Number `json:"number,omitempty"` // "" while it goes into a draft
	// Full: there was no room for the rest of it, and the person was told.
	Full bool `json:"full,omitempty"`
}

// PendingText is free text that waits for a word where it belongs.
type PendingText struct {
	ID    string `json:"id"`
	Parts []Part `json:"parts"`
	// Question is the incident whose question of support the text may answer,
	// "" if none.
	Question incident.Number `json:"question,omitempty"`
	// Draft: the text may belong to the draft in hand.
	Draft bool `json:"draft,omitempty"`
}

// Decode reads a state written by Encode. No data is the zero State.
func Decode(data []byte) (State, error) {
	var s State
	if len(data) == 0 {
		return s, nil
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return State{}, fmt.Errorf("decode conversation state: %w", err)
	}
	if s.Schema > schema {
		return State{}, fmt.Errorf("conversation state has schema %d, this program knows %d", s.Schema, schema)
	}
	return s, nil
}

// Encode writes the state for keeping; nil when nothing is going on.
func (s State) Encode() ([]byte, error) {
	if s.Idle() && len(s.Screen) == 0 && !s.Keyboard && s.Discarded == nil && s.Album == nil &&
		s.Misfit == nil && s.Refused == nil && s.Filed == nil {
		return nil, nil
	}
	s.Schema = schema
	return json.Marshal(s)
}

// blank says that nothing is kept of the chat.
func (s State) blank() bool {
	kept, err := s.Encode()
	return err == nil && kept == nil
}

// Idle says that no dialogue is open.
func (s State) Idle() bool {
	return s.Draft == nil && s.Escalation == nil && s.Addition == nil && s.Offer == nil
}

// clone copies what Next may change.
func (s State) clone() State {
	s.Draft = s.Draft.clone()
	s.Discarded = s.Discarded.clone()
	s.Escalation = copied(s.Escalation)
	s.Addition = copied(s.Addition)
	s.Album = copied(s.Album)
	s.Misfit = copied(s.Misfit)
	s.Refused, s.Filed = slices.Clone(s.Refused), slices.Clone(s.Filed)
	if s.Offer != nil {
		o := *s.Offer
		o.Parts = slices.Clone(o.Parts)
		s.Offer = &o
	}
	return s
}

func (d *Draft) clone() *Draft {
	if d == nil {
		return nil
	}
	c := *d
	c.Answers = make(map[incident.Key]Given, len(d.Answers))
	for k, v := range d.Answers {
		c.Answers[k] = v
	}
	c.checked = maps.Clone(d.checked)
	c.Parts = slices.Clone(d.Parts)
	c.Anew = slices.Clone(d.Anew)
	c.Hint = copied(d.Hint)
	if c.Said = copied(d.Said); c.Said != nil {
		c.Said.Words = slices.Clone(c.Said.Words)
	}
	return &c
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// value returns what the draft holds for a step, "" when nothing.
func (d *Draft) value(step Step) string {
	if step.Parts {
		return joinParts(d.Parts)
	}
	return d.Answers[step.Key].Value
}

// check is what Check says of the answer to a step; the same answer is looked at
// once.
func (d *Draft) check(step Step) (value string, complaint Complaint) {
	typed := d.value(step)
	known, ok := d.checked[step.Key]
	if !ok || known.typed != typed {
		known.typed = typed
		known.value, known.complaint = step.Check(typed)
		if d.checked == nil {
			d.checked = map[incident.Key]checked{}
		}
		d.checked[step.Key] = known
	}
	return known.value, known.complaint
}

// current is the step that is to be asked now: the one gone back to, else the
// first whose answer is missing or no longer acceptable. ok is false when the
// draft is complete: the summary is on the screen.
func (d *Draft) current() (step Step, ok bool) {
	if d.Editing != "" {
		return StepByKey(d.Editing)
	}
	return d.missing()
}

// missing is the first step without an acceptable answer.
func (d *Draft) missing() (step Step, ok bool) {
	for _, step := range Steps {
		if _, complaint := d.check(step); complaint != "" {
			return step, true
		}
	}
	return Step{}, false
}

// complete says that every step has an acceptable answer.
func (d *Draft) complete() bool {
	_, missing := d.missing()
	return !missing
}

// answers returns the accepted answers in the order of the steps.
func (d *Draft) answers() incident.Answers {
	var all incident.Answers
	for _, step := range Steps {
		if value, complaint := d.check(step); complaint == "" {
			all = append(all, incident.Answer{Key: step.Key, Label: step.Label, Value: value})
		}
	}
	return all
}

// attachments returns the files of the description.
func (d *Draft) attachments() []incident.Attachment { return attachmentsOf(d.Parts) }

// touched says that the person has put something into the draft.
func (d *Draft) touched() bool {
	if len(d.Parts) > 0 || d.Said != nil && len(d.Said.Words) > 0 {
		return true
	}
	for _, given := range d.Answers {
		if given.MessageID != 0 {
			return true
		}
	}
	return false
}

func attachmentsOf(parts []Part) []incident.Attachment {
	var all []incident.Attachment
	for _, part := range parts {
		if part.Attachment != nil {
			all = append(all, *part.Attachment)
		}
	}
	return all
}

// joinParts puts the messages of a text together again: a phone splits a long
// paste at 4,096 characters.
func joinParts(parts []Part) string {
	var texts []string
	for _, part := range parts {
		if part.Text != "" {
			texts = append(texts, part.Text)
		}
	}
	return strings.Join(texts, "\n")
}
