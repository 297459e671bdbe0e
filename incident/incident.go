// Package incident is the domain: what an incident is, how it is numbered,
// which states it passes through and what is kept of its life.
//
// The package is pure. It takes time and identifiers as values, imports the
// standard library only and does no input or output, so that every rule in it
// can be read and tested on its own. The rules come from the regulation
// «Порядок обращения в службу технической поддержки при возникновении
// инцидентов неработоспособности защищённых каналов связи»; the comments name
// its points.
package incident

import (
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Key names a field of a report. The set of keys in use, their order, labels
// and checks are the table of steps in package conversation; the constants
// here are those that letters and cards must be able to name.
type Key string

// The fields of point 4 of the regulation.
const (
	Organisation Key = "organisation" // полное наименование ОИВ (ОМСУ)
	FullName     Key = "full_name"    // ФИО пользователя
	PhoneNumber  Key = "phone"        // телефон контактного лица
	Email        Key = "email"        // адрес электронной почты контактного лица
	Description  Key = "description"  // цель обращения или описание неисправности
)

// Answer is an accepted answer to one step.
type Answer struct {
	Key Key `json:"key"`
	// Label is the step's name when the answer was given, as people saw it.
	Label string `json:"label"`
	// Value is what machines use: for most fields what the person typed with
	// its invisible characters removed, for a phone its RFC 3966 form (see
	// Phone). Never empty in an accepted answer.
	Value string `json:"value"`
}

// Answers are the accepted answers of one report in the order of the steps.
type Answers []Answer

// Get returns the value under key, or "" when there is none.
func (a Answers) Get(key Key) string {
	for _, answer := range a {
		if answer.Key == key {
			return answer.Value
		}
	}
	return ""
}

// AttachmentKind says how Telegram holds a file, which decides how it can be
// relayed (Bot API, «InputMedia»: photos and videos travel apart from
// documents, voice alone).
type AttachmentKind string

// The kinds of files that are accepted.
const (
	Photo    AttachmentKind = "photo"
	Video    AttachmentKind = "video"
	Document AttachmentKind = "document"
	Voice    AttachmentKind = "voice"

	Audio     AttachmentKind = "audio"
	VideoNote AttachmentKind = "video_note"
	Animation AttachmentKind = "animation"
)

// Album names the kinds that can share an album; "" travels alone.
func (k AttachmentKind) Album() string {
	switch k {
	case Photo, Video:
		return "visual"
	case Document:
		return "document"
	}
	return ""
}

// Spoken says that it is something to listen to, which a report cannot hold.
func (k AttachmentKind) Spoken() bool { return k == Voice || k == Audio || k == VideoNote }

// Attachment is a file that the reporter sent. The file itself stays at
// Telegram; FileID lets this bot send it again or fetch it (up to 20 MB).
type Attachment struct {
	Kind   AttachmentKind `json:"kind"`
	FileID string         `json:"file_id"`
	// Name is the file's name if Telegram gave one; photos have none.
	Name string `json:"name,omitempty"`
	// Size is in bytes, 0 when unknown.
	Size int64 `json:"size,omitempty"`
}

// Title is how the attachment is named to people: its file name, or its kind.
func (a Attachment) Title() string {
	if a.Name != "" {
		return a.Name
	}
	switch a.Kind {
	case Photo:
		return "фотография"
	case Video:
		return "видео"
	case Voice:
		return "голосовое сообщение"
	case Audio:
		return "аудиозапись"
	case VideoNote:
		return "видеосообщение"
	case Animation:
		return "анимация"
	default:
		return "файл"
	}
}

// Report is a finished draft, ready to be registered.
type Report struct {
	// DraftID is unique to the draft; registering the same draft twice gives
	// the same incident.
	DraftID     string
	Reporter    int64 // the person's private chat with the bot
	Answers     Answers
	Attachments []Attachment
	At          time.Time
}

// Incident is a registered report and what became of it.
type Incident struct {
	Number      Number
	DraftID     string
	Reporter    int64 // the person's private chat with the bot
	Status      Status
	Answers     Answers
	Attachments []Attachment
	// Assignee is the name of the member of the desk who works it, "" while
	// nobody took it.
	Assignee string
	// AssigneeID is the same member's id at Telegram, 0 when only the name is
	// known.
	AssigneeID   int64
	RegisteredAt time.Time
	// StatusAt is when the present status began.
	StatusAt time.Time
	// Theirs is the number under which the second line has registered it, as its
	// letters name it; "" while none has.
	Theirs      string
	History     []Entry      // oldest first
	Escalations []Escalation // oldest first
	// Version grows with each change; the group card shows one version.
	Version int
	// ErasedAt is when the person's data were erased, zero while they are
	// kept; see Forgotten.
	ErasedAt time.Time
}

// AssignedTo says whether that member of the desk works on it; where an id is not
// known, the name decides.
func (i Incident) AssignedTo(id int64, name string) bool {
	if i.AssigneeID != 0 && id != 0 {
		return i.AssigneeID == id
	}
	return i.Assignee != "" && i.Assignee == name
}

// Organisation returns the full name of the ОИВ (ОМСУ).
func (i Incident) Organisation() string { return i.Answers.Get(Organisation) }

// Phone returns the contact person's telephone.
func (i Incident) Phone() Phone { return ParsePhone(i.Answers.Get(PhoneNumber)) }

// Description returns the whole description as filed.
func (i Incident) Description() string { return i.Answers.Get(Description) }

// LastEscalation returns the latest escalation, ok false when there was none.
func (i Incident) LastEscalation() (e Escalation, ok bool) {
	if len(i.Escalations) == 0 {
		return Escalation{}, false
	}
	return i.Escalations[len(i.Escalations)-1], true
}

// Units is the length of text in UTF-16 units, in which Telegram counts.
func Units(text string) (n int) {
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// CutUnits shortens text to at most limit UTF-16 units, in which Telegram
// counts, the last one an ellipsis when something was left out. No character is
// broken.
func CutUnits(text string, limit int) string {
	units, keep := 0, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		n := utf16.RuneLen(r)
		if units+n > limit {
			return strings.TrimRight(text[:keep], " \n") + "…"
		}
		i += size
		if units += n; units < limit {
			keep = i
		}
	}
	return text
}

// Cut shortens text to at most limit characters (runes), the last one an
// ellipsis when something was left out; cut says whether it was.
func Cut(text string, limit int) (short string, cut bool) {
	runes := []rune(text)
	if len(runes) <= limit {
		return text, false
	}
	return strings.TrimRight(string(runes[:limit-1]), " \n") + "…", true
}
