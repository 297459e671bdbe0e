package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// statsDays are the periods of /stats, the longest last. A period ends with
// today; days are those of TIMEZONE.
var statsDays = []int{7, 30, 90}

// topMost is how many organisations /stats names.
const topMost = 5

// Stats are counted over the incidents registered in the longest period.
type Stats struct {
	today   time.Time // its midnight
	periods []figures // those of statsDays
	perDay  []int     // the oldest day first, today last
	sources map[string]*source
}

// source is an organisation by its name, however it was typed.
type source struct {
	spellings map[string]int
	count     int
}

// name is the organisation as it is typed most.
func (s source) name() string {
	best := ""
	for name, n := range s.spellings {
		if n > s.spellings[best] || n == s.spellings[best] && name > best {
			best = name // small letters come after capitals
		}
	}
	return best
}

// figures are counted over the incidents of one period.
type figures struct {
	days           int
	all, escalated int
	take, solve    []time.Duration
}

// NewStats begins to count.
func NewStats(now time.Time, location *time.Location) *Stats {
	now = now.In(location)
	s := &Stats{
		today:   time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, location),
		perDay:  make([]int, slices.Max(statsDays)),
		sources: map[string]*source{},
	}
	for _, days := range statsDays {
		s.periods = append(s.periods, figures{days: days})
	}
	return s
}

// First is the beginning of the longest period.
func (s *Stats) First() time.Time { return s.day(0) }

// day is the midnight that begins the k-th day.
func (s *Stats) day(k int) time.Time { return s.today.AddDate(0, 0, k-len(s.perDay)+1) }

// Count adds an incident. Its error is nil; the register's Each wants one.
func (s *Stats) Count(i incident.Incident) error {
	at := i.RegisteredAt.In(s.today.Location())
	ago := int(dateOf(s.today).Sub(dateOf(at)) / (24 * time.Hour))
	if ago < 0 || ago >= len(s.perDay) {
		return nil
	}
	s.perDay[len(s.perDay)-1-ago]++
	for k := range s.periods {
		if ago < s.periods[k].days {
			s.periods[k].count(i)
		}
	}
	if name := strings.Join(strings.Fields(i.Organisation()), " "); name != "" {
		key := strings.Join(searchWords(name), " ")
		if s.sources[key] == nil {
			s.sources[key] = &source{spellings: map[string]int{}}
		}
		s.sources[key].spellings[name]++
		s.sources[key].count++
	}
	return nil
}

// dateOf is the date of t as if every day had 24 hours.
func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// top are the organisations with the most incidents.
func (s *Stats) top() []source {
	var all []source
	for _, one := range s.sources {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b source) int {
		return cmp.Or(b.count-a.count, strings.Compare(a.name(), b.name()))
	})
	return all[:min(topMost, len(all))]
}

// Words are the figures as a caption.
func (s *Stats) Words() string {
	lines := []string{"<b>Сводка</b>"}
	for _, f := range s.periods {
		lines = append(lines, "", fmt.Sprintf("За %d дней: %s", f.days, f.words()))
	}
	if top := s.top(); len(top) > 0 {
		lines = append(lines, "", fmt.Sprintf("Откуда, за %d дней:", len(s.perDay)))
		for _, one := range top {
			lines = append(lines, fmt.Sprintf("%s\u00a0— %d", Escape(incident.CutUnits(one.name(), 60)), one.count))
		}
	}
	return strings.Join(lines, "\n")
}

func (f *figures) count(i incident.Incident) {
	f.all++
	if len(i.Escalations) > 0 {
		f.escalated++
	}
	if at, ok := i.TakenAt(); ok {
		f.take = append(f.take, at.Sub(i.RegisteredAt))
	}
	if at, ok := i.SolvedAt(); ok {
		f.solve = append(f.solve, at.Sub(i.RegisteredAt))
	}
}

func (f *figures) words() string {
	if f.all == 0 {
		return "обращений не было."
	}
	text := fmt.Sprintf("обращений %d, эскалировано %d (%d\u00a0%%)", f.all, f.escalated, f.share())
	if len(f.take) > 0 {
		text += ", обычно берут в работу за " + span(median(f.take))
	}
	if len(f.solve) > 0 {
		text += ", решают за " + span(median(f.solve))
	}
	return text + "."
}

// share is how many of a hundred were escalated, rounded.
func (f *figures) share() int {
	if f.all == 0 {
		return 0
	}
	return (f.escalated*200 + f.all) / (2 * f.all)
}

// median is the middle one, or the mean of the two in the middle; all is not
// empty.
func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	k := len(all) / 2
	if len(all)%2 == 1 {
		return all[k]
	}
	return (all[k-1] + all[k]) / 2
}
