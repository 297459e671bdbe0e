package telegram

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limits are the limits on sending that the bot keeps. The zero value is none,
// for a server of one's own.
type Limits struct {
	All   Limit // all chats together
	Chat  Limit // each chat
	Group Limit // each group besides Chat
	// Burst is how many messages a person gets at once before Chat holds; 0 and
	// 1 are none. A chat that Telegram holds back has none for an hour.
	Burst int
	// Reserve is how many of Group are kept for answers to what a member asked
	// (Slot.Answer): who waits for one waits for nothing else.
	Reserve int
}

// Limit is Count messages in any window of length Per.
type Limit struct {
	Count int
	Per   time.Duration
}

// PublicLimits are those of Telegram's own server (Bot API FAQ, «My bot is
// hitting limits»): about 30 messages a second overall, one a second in a chat
// with short bursts, 20 a minute in a group.
var PublicLimits = Limits{
	All: Limit{30, time.Second}, Chat: Limit{1, time.Second}, Group: Limit{20, time.Minute},
	Burst: 3, Reserve: reserveOf(20),
}

// reserveOf is the part of a group's limit that is kept for answers.
func reserveOf(count int) int { return count / 5 }

// NoLimits is the word of ParseLimits for none.
const NoLimits = "off"

// errLimits tells what ParseLimits reads.
var errLimits = errors.New("should hold three limits, overall, a person's with a burst and a group's, like 30/s 1/s+3 20/m, or off")

var limitForm = regexp.MustCompile(`^(\d{1,4})/([smh])(?:\+(\d{1,2}))?$`)

var limitUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}

// ParseLimits reads Limits as an operator writes them: «30/s 1/s+3 20/m» or
// «off».
func ParseLimits(text string) (Limits, error) {
	if text == NoLimits {
		return Limits{}, nil
	}
	var l Limits
	words := strings.Fields(text)
	places := []*Limit{&l.All, &l.Chat, &l.Group}
	if len(words) != len(places) {
		return Limits{}, errLimits
	}
	for i, word := range words {
		found := limitForm.FindStringSubmatch(word)
		if found == nil || found[3] != "" && places[i] != &l.Chat {
			return Limits{}, errLimits
		}
		count, _ := strconv.Atoi(found[1])
		if count == 0 {
			return Limits{}, errLimits
		}
		*places[i] = Limit{count, limitUnits[found[2]]}
		if places[i] == &l.Chat && found[3] != "" {
			l.Burst, _ = strconv.Atoi(found[3])
		}
	}
	if l.Burst != 0 && l.Burst < l.Chat.Count {
		return Limits{}, errLimits // less at once than always
	}
	l.Reserve = reserveOf(l.Group.Count)
	return l, nil
}

// String writes Limits as ParseLimits reads them.
func (l Limits) String() string {
	if l == (Limits{}) {
		return NoLimits
	}
	person := l.Chat.String()
	if l.Burst > 0 {
		person += fmt.Sprintf("+%d", l.Burst)
	}
	return l.All.String() + " " + person + " " + l.Group.String()
}

// String writes a Limit: «20/m».
func (l Limit) String() string {
	for unit, per := range limitUnits {
		if per == l.Per {
			return fmt.Sprintf("%d/%s", l.Count, unit)
		}
	}
	return fmt.Sprintf("%d/%s", l.Count, l.Per)
}
