package incident

import (
	"fmt"
	"time"
)

// Line is a support line: who works the incidents, how people reach them, and
// who is asked for help when a repair drags on. Everything that people read of
// it comes from here, so another line is another value. Make one from
// RegulationLine and change what differs (LINE_FILE); it is not changed after
// the program has started.
type Line struct {
	// Network is what the line looks after, in the genitive:
	// «защищённой сети Правительства Курганской области».
	Network string `toml:"network"`
	// Breaks says when people write here, one plain sentence.
	Breaks string `toml:"breaks"`
	// AreaCode is the telephone code of the town in which most reporters sit,
	// offered to whoever leaves it out; "" for none.
	AreaCode string `toml:"area_code"`
	// Regulation is the document that names the rules, as it is cited.
	Regulation string `toml:"regulation"`
	Support    Desk   `toml:"support"`
	Second     Second `toml:"second"`
}

// Desk is the technical support and the ways to it (regulation, points 2 and 3).
type Desk struct {
	Name      string `toml:"name"`      // «ООО «Информационные системы и аутсорсинг»»
	Phone     string `toml:"phone"`     // as people read it: «8-800-200-79-32»
	Extension string `toml:"extension"` // digits, "" for none
	Email     string `toml:"email"`     // takes requests round the clock
	Form      string `toml:"form"`      // an address, "" for none
	Opens     Clock  `toml:"opens"`     // the telephone, by the reporter's time
	Closes    Clock  `toml:"closes"`
	// Operator is what a caller says to whoever answers first, "" when support
	// answers itself.
	Operator string `toml:"operator"`
}

// Second is the second line: it is asked for help by a letter (regulation,
// point 6).
type Second struct {
	Name  string `toml:"name"`  // short, as on the button: «УИТ»
	Full  string `toml:"full"`  // once, where it is introduced
	Email string `toml:"email"` // receives escalations
	// Clause is the place in the regulation that asks for the letter, "" when
	// there is none to cite.
	Clause string `toml:"clause"`
}

// Clock is a time of day, as the time since midnight; in text «8:00».
type Clock time.Duration

// RegulationLine is the line of the regulation: technical support of the
// protected network of the government of Kurgan region.
func RegulationLine() Line {
	return Line{
		Network:    "защищённой сети Правительства Курганской области",
		AreaCode:   "3522",
		Breaks:     "Пишите сюда, если пропала связь или не работает ViPNet-координатор.",
		Regulation: "Порядок обращения в службу технической поддержки при возникновении инцидентов неработоспособности защищенных каналов связи",
		Support: Desk{
			Name: "ООО «Информационные системы и аутсорсинг»", Phone: "8-800-200-79-32", Extension: "155",
			Email: "155@krasnodar.pro", Form: "http://rosint.net/feedback/",
			Opens: Clock(8 * time.Hour), Closes: Clock(17 * time.Hour),
			Operator: "попросите соединить с отделом технической поддержки",
		},
		Second: Second{
			Name: "УИТ", Full: "управление информационных технологий Правительства Курганской области (УИТ ПКО)",
			Email: "sd@kurganobl.ru", Clause: "пункт 6",
		},
	}
}

// UnmarshalText reads «8:00» or «17:30».
func (c *Clock) UnmarshalText(text []byte) error {
	t, err := time.Parse("15:04", string(text))
	if err != nil {
		return fmt.Errorf("a time of day is written as 8:00, not %q", text)
	}
	*c = Clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// String writes the time of day as people read it: «8:00».
func (c Clock) String() string {
	minutes := int(time.Duration(c) / time.Minute)
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}

// On is the moment at which the clock shows c on the day of t, in t's zone.
func (c Clock) On(t time.Time) time.Time {
	minutes := int(time.Duration(c) / time.Minute)
	return time.Date(t.Year(), t.Month(), t.Day(), minutes/60, minutes%60, 0, 0, t.Location())
}

// Happened names a kind of entry in the words of this line: «Эскалировано в
// УИТ».
func (l Line) Happened(k Kind) string {
	if k == KindEscalated {
		return "Эскалировано в " + l.Second.Name
	}
	return k.String()
}
