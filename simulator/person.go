package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Person is somebody with a Telegram account.
type Person struct {
	tg      *Telegram
	account *account
	seats   map[*chat]*Actor
}

// Person makes a person with the next free id, the language ru and a phone
// number. She has not talked to the bot yet: until she does, it cannot write to
// her.
func (tg *Telegram) Person(firstName, lastName string) *Person {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	for tg.people[tg.nextPerson] != nil {
		tg.nextPerson++
	}
	return tg.newPerson(tg.nextPerson, firstName, lastName)
}

// PersonWithID makes a person with an id of the caller's choice, or returns the
// one who has it.
func (tg *Telegram) PersonWithID(id int64, firstName, lastName string) *Person {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if p := tg.people[id]; p != nil {
		return p
	}
	return tg.newPerson(id, firstName, lastName)
}

func (tg *Telegram) newPerson(id int64, firstName, lastName string) *Person {
	a := &account{ID: id, FirstName: firstName, LastName: lastName, Language: "ru", phone: fmt.Sprintf("7912%07d", id%10_000_000)}
	p := &Person{tg: tg, account: a, seats: map[*chat]*Actor{}}
	tg.people[id] = p
	c := newChat(id, private)
	c.owner = a
	tg.chats[id] = c
	return p
}

// ID is the person's user id, which is the id of the private chat too.
func (p *Person) ID() int64 { return p.account.ID }

// Name is the first and the last name.
func (p *Person) Name() string {
	p.tg.mu.Lock()
	defer p.tg.mu.Unlock()
	return p.account.name()
}

// Phone is the number that the contact button shares: digits, as Telegram sends
// it.
func (p *Person) Phone() string {
	p.tg.mu.Lock()
	defer p.tg.mu.Unlock()
	return p.account.phone
}

// SetPhone changes that number.
func (p *Person) SetPhone(phone string) { p.change(func(a *account) { a.phone = phone }) }

// SetUsername gives the person a @username (without the @).
func (p *Person) SetUsername(name string) { p.change(func(a *account) { a.Username = name }) }

// SetLanguage changes language_code; empty means that the client tells none.
func (p *Person) SetLanguage(code string) { p.change(func(a *account) { a.Language = code }) }

// ForbidVoice makes the person refuse voice and round video messages, as a
// setting of Telegram Premium does.
func (p *Person) ForbidVoice() { p.change(func(a *account) { a.noVoice = true }) }

// Deactivate deletes the person's account: nobody can write to her any more.
func (p *Person) Deactivate() { p.change(func(a *account) { a.deleted = true }) }

// SetName changes what the person is called.
func (p *Person) SetName(first, last string) {
	p.change(func(a *account) { a.FirstName, a.LastName = first, last })
}

func (p *Person) change(f func(*account)) {
	p.tg.mu.Lock()
	defer p.tg.mu.Unlock()
	f(p.account)
}

// Chat is the person in her private chat with the bot; always the same Actor.
func (p *Person) Chat() *Actor {
	p.tg.mu.Lock()
	defer p.tg.mu.Unlock()
	return p.seat(p.tg.chats[p.account.ID])
}

func (p *Person) seat(c *chat) *Actor {
	a := p.seats[c]
	if a == nil {
		a = &Actor{tg: p.tg, person: p, chat: c, memory: &memory{}}
		p.seats[c] = a
	}
	return a
}

// People returns everybody, by id.
func (tg *Telegram) People() []*Person {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return sortedPeople(tg.people)
}

func sortedPeople(by map[int64]*Person) []*Person {
	people := slices.Collect(maps.Values(by))
	slices.SortFunc(people, func(a, b *Person) int { return cmp.Compare(a.account.ID, b.account.ID) })
	return people
}
