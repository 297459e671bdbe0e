package simulator

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Page is the simulated world on one screen in a browser: the phones of several
// people, the group, the mailboxes, the weather. What is typed and pressed there
// becomes the people's real updates. It is an http.Handler; Close ends its
// streams and what it has started.
type Page struct {
	opt    PageOptions
	mux    *http.ServeMux
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // the storm

	mu      sync.Mutex
	phones  []*Actor
	weather Weather
	storm   StormView
	spoiled func() // ends the mail sink's fault, if there is one
}

// PageOptions say what a page shows. Everything but Host is required.
type PageOptions struct {
	Telegram *Telegram
	Mail     *Mail
	Group    *Group
	Events   *Hub      // that of Telegram and Mail
	Clerks   []*Person // whose phones stand there at first
	Boxes    []Mailbox
	// Host is a name by which the page may be called besides localhost and
	// addresses. Any other name is refused: it would be a foreign site that
	// had its name point here (DNS rebinding).
	Host string
	Backstage
}

// Mailbox is a mailbox that the page shows.
type Mailbox struct {
	Title   string `json:"title"`
	Address string `json:"address"`
}

// Backstage is what the page cannot know of the program under demonstration.
// Its functions may be called from any goroutine.
type Backstage struct {
	Now      func() time.Time
	Location *time.Location // in which times are shown, and mornings begin
	// Register returns the incidents, newest first.
	Register func(ctx context.Context) ([]Row, error)
	// Gauges returns the figures of this moment; what cannot be had is absent.
	Gauges func(ctx context.Context) Gauges
	// SetRedisDown takes the drafts' store away or brings it back.
	SetRedisDown func(down bool)
	// Advance moves the clock.
	Advance func(d time.Duration)
	// Storm lets so many people of its own file at once. It calls moved with
	// the part of the whole way that one of them has just gone, and done when
	// one is through. It returns when all are, or ctx ends.
	Storm func(ctx context.Context, clerks int, moved func(part float64), done func(err error))
}

// Row is an incident as the page shows it.
type Row struct {
	Number       string     `json:"number"`
	Status       string     `json:"status"` // for machines
	StatusName   string     `json:"statusName"`
	Organisation string     `json:"organisation"`
	Reporter     string     `json:"reporter"`
	Assignee     string     `json:"assignee,omitempty"`
	Letter       string     `json:"letter,omitempty"` // what became of the last escalation
	RegisteredAt time.Time  `json:"registeredAt"`
	Fields       []RowField `json:"fields"`
	History      []RowEntry `json:"history"`
}

// RowField is an answer of the report.
type RowField struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// RowEntry is a line of an incident's history.
type RowEntry struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	What string    `json:"what"`
	Text string    `json:"text,omitempty"`
}

// Gauges are figures of the program. A nil pointer is a figure that cannot be
// had now.
type Gauges struct {
	Waiting      *int       `json:"waiting"`      // updates stored and not worked on yet
	Messages     *int       `json:"messages"`     // messages that wait to be sent
	Letters      *int       `json:"letters"`      // letters that wait to be sent
	Dead         *int       `json:"dead"`         // what was given up
	Drafts       *int       `json:"drafts"`       // unfinished drafts
	Incidents    *int       `json:"incidents"`    // all
	Open         *int       `json:"open"`         // those with work to do
	NextLetterAt *time.Time `json:"nextLetterAt"` // when the relay is tried next
	LastError    *LastError `json:"lastError"`
}

// LastError is the last complaint of the program's log.
type LastError struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// NewPage returns a page.
func NewPage(opt PageOptions) *Page {
	p := &Page{opt: opt, mux: http.NewServeMux(), weather: Weather{Mail: mailFine}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	for _, clerk := range opt.Clerks {
		p.phones = append(p.phones, clerk.Chat())
	}
	p.mux.Handle("GET /", http.HandlerFunc(serveStatic))
	p.mux.HandleFunc("GET /api/world", p.serveWorld)
	p.mux.HandleFunc("GET /api/events", p.serveEvents)
	p.mux.HandleFunc("GET /api/register", p.serveRegister)
	p.mux.HandleFunc("GET /api/files/{id}", p.serveFile)
	p.mux.HandleFunc("GET /api/letters", p.serveLetters)
	p.mux.HandleFunc("GET /api/letters/{n}", p.serveLetter)
	p.mux.HandleFunc("GET /api/letters/{n}/html", p.serveLetterHTML)
	p.mux.HandleFunc("GET /api/letters/{n}/attachments/{k}", p.serveLetterFile)
	p.mux.HandleFunc("POST /api/people", asked(p.addPhone))
	p.mux.HandleFunc("POST /api/people/{person}/send", asked(p.send))
	p.mux.HandleFunc("POST /api/people/{person}/edit", asked(p.edit))
	p.mux.HandleFunc("POST /api/people/{person}/press", asked(p.press))
	p.mux.HandleFunc("POST /api/people/{person}/key", asked(p.pressKey))
	p.mux.HandleFunc("POST /api/people/{person}/upload", p.upload)
	p.mux.HandleFunc("POST /api/weather", asked(p.setWeather))
	p.mux.HandleFunc("POST /api/clock", asked(p.moveClock))
	p.mux.HandleFunc("POST /api/storm", asked(p.startStorm))
	return p
}

// Close ends the streams and the storm.
func (p *Page) Close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.wg.Wait()
}

// PhoneView is a phone as the page shows it.
type PhoneView struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	Messages []Message `json:"messages"`
	Keyboard *Keyboard `json:"keyboard"`
	Commands []Command `json:"commands"`
	Typing   bool      `json:"typing"`
}

// GroupView is the group as the page shows it.
type GroupView struct {
	ID       int64         `json:"id"`
	Title    string        `json:"title"`
	Staff    []StaffMember `json:"staff"`
	Messages []Message     `json:"messages"`
	Commands []Command     `json:"commands"`
}

// StaffMember is somebody who can speak in the group.
type StaffMember struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// shownMessages is how many of a chat's last messages the page gets at once: a
// storm leaves hundreds of cards in the group.
const shownMessages = 300

func (p *Page) phoneView(a *Actor) PhoneView {
	return PhoneView{
		ID: a.Person().ID(), Name: a.Person().Name(), Messages: last(a.Messages()),
		Keyboard: a.ReplyKeyboard(), Commands: a.Commands(), Typing: a.Typing() != "",
	}
}

func (p *Page) groupView() GroupView {
	g := GroupView{ID: p.opt.Group.ID(), Title: p.opt.Group.Title()}
	for _, a := range p.opt.Group.Actors() {
		g.Staff = append(g.Staff, StaffMember{a.Person().ID(), a.Person().Name()})
		if g.Messages == nil {
			g.Messages, g.Commands = last(a.Messages()), a.Commands()
		}
	}
	return g
}

func last(messages []Message) []Message {
	return messages[max(0, len(messages)-shownMessages):]
}

// serveWorld answers everything that the page shows, at once.
func (p *Page) serveWorld(w http.ResponseWriter, r *http.Request) {
	phones := []PhoneView{}
	for _, a := range p.actors() {
		phones = append(phones, p.phoneView(a))
	}
	writeJSON(w, map[string]any{
		"bot": cmp.Or(p.opt.Telegram.bot.FirstName, "бот"), "zone": p.opt.Location.String(), "boxes": p.opt.Boxes,
		"phones": phones, "group": p.groupView(), "letters": p.letterLines(), "pulse": p.pulse(r.Context()),
	})
}

func (p *Page) serveRegister(w http.ResponseWriter, r *http.Request) {
	rows, err := p.opt.Register(r.Context())
	if err != nil {
		http.Error(w, "журнал не читается: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, append([]Row{}, rows...))
}

func (p *Page) actors() []*Actor {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.phones)
}

// shown says whether the page shows a chat: the people of a storm have none
// there.
func (p *Page) shown(chat int64) bool {
	if chat == 0 || chat == p.opt.Group.ID() {
		return true
	}
	return slices.ContainsFunc(p.actors(), func(a *Actor) bool { return a.Person().ID() == chat })
}
