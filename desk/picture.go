package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"
	"github.com/golang/freetype/truetype"
)

// The picture of /stats, read on a phone: a tile a period, the incidents of
// each day, the organisations that file most. It names nobody but
// organisations.
const (
	pictureWidth, pictureHeight = 1000, 1100
	pictureMargin               = 40
)

var (
	inkDark  = charts.ColorFromHex("#1f2933")
	inkSoft  = charts.ColorFromHex("#66737f")
	inkLine  = charts.ColorFromHex("#dde3e9")
	inkPaper = charts.ColorFromHex("#f5f7f9")
	inkWhite = charts.ColorFromHex("#ffffff")
	// inkPeriods belong to statsDays, in tiles and bars alike.
	inkPeriods = []charts.Color{charts.ColorFromHex("#1f4e79"), charts.ColorFromHex("#4f89b8"), charts.ColorFromHex("#a3c4de")}
)

// canvas draws with sizes in pixels.
type canvas struct {
	*charts.Painter
	plain, bold *truetype.Font
}

// Draw returns the picture as PNG.
func (s *Stats) Draw() ([]byte, error) {
	c := canvas{
		charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: pictureWidth, Height: pictureHeight}),
		charts.GetFont(charts.FontFamilyNotoSans), charts.GetFont(charts.FontFamilyNotoSansBold),
	}
	right := pictureWidth - pictureMargin
	c.rect(0, 0, pictureWidth, pictureHeight, inkPaper)
	c.heading("Обращения", pictureMargin, 72, 40)
	c.write("по "+s.today.Format("02.01.2006"), right, 72, 26, inkSoft, charts.AlignRight)
	const gap = 14
	wide := (right - pictureMargin - 2*gap) / len(s.periods)
	for k, f := range s.periods {
		c.tile(pictureMargin+k*(wide+gap), 104, wide, f, inkPeriods[k])
	}
	c.days(s, 450, 672)
	c.sources(s, 784)
	return c.Bytes()
}

// tile shows the figures of one period.
func (c canvas) tile(x, y, wide int, f figures, ink charts.Color) {
	const high, inner = 246, 20
	c.rect(x, y, x+wide, y+high, inkWhite)
	c.rect(x, y, x+wide, y+8, ink)
	right := x + wide - inner
	c.write(fmt.Sprintf("%d дней", f.days), x+inner, y+66, 28, inkSoft, charts.AlignLeft)
	c.write(strconv.Itoa(f.all), right, y+78, 58, inkDark, charts.AlignRight)
	take, solve, share := "—", "—", "—"
	if len(f.take) > 0 {
		take = span(median(f.take))
	}
	if len(f.solve) > 0 {
		solve = span(median(f.solve))
	}
	if f.all > 0 {
		share = fmt.Sprintf("%d %%", f.share())
	}
	c.line(x+inner, right, y+104)
	for k, row := range [][2]string{{"взятие", take}, {"решение", solve}, {"эскалировано", share}} {
		at := y + 144 + 40*k
		value := c.write(strings.ReplaceAll(row[1], "\u00a0", " "), right, at, 24, inkDark, charts.AlignRight)
		c.write(c.fit(row[0], 24, right-x-inner-value-10), x+inner, at, 24, inkSoft, charts.AlignLeft)
	}
}

// days shows the incidents of each day between two heights, in the colour of
// the shortest period that holds the day.
func (c canvas) days(s *Stats, top, bottom int) {
	c.heading(fmt.Sprintf("По дням за %d дней", len(s.perDay)), pictureMargin, top-30, 30)
	left, right := pictureMargin+50, pictureWidth-pictureMargin
	most := slices.Max(s.perDay)
	step := gridStep(most)
	ceiling := max(1, (most+step-1)/step) * step
	for v := 0; v <= ceiling; v += step {
		y := bottom - (bottom-top)*v/ceiling
		c.line(left, right, y)
		c.write(strconv.Itoa(v), left-12, y+8, 22, inkSoft, charts.AlignRight)
	}
	n := len(s.perDay)
	at := func(k int) int { return left + (right-left)*k/n }
	for k, count := range s.perDay {
		if count > 0 {
			c.rect(at(k)+1, bottom-(bottom-top)*count/ceiling, at(k+1)-1, bottom, inkOf(n-k))
		}
	}
	const label = 15 // days from one date to the next
	for k := n - 1; k >= 0; k -= label {
		x, align := (at(k)+at(k+1))/2, charts.AlignCenter
		if k == n-1 {
			x, align = right, charts.AlignRight
		}
		c.write(s.day(k).Format("02.01"), x, bottom+34, 22, inkSoft, align)
	}
	if most == 0 {
		c.write("обращений не было", (left+right)/2, (top+bottom)/2+8, 26, inkSoft, charts.AlignCenter)
	}
}

// inkOf is the colour of a day by its distance from tomorrow.
func inkOf(ago int) charts.Color {
	for k, days := range statsDays {
		if ago <= days {
			return inkPeriods[k]
		}
	}
	return inkPeriods[len(inkPeriods)-1]
}

// gridStep is a round distance between at most five lines of a grid.
func gridStep(most int) int {
	for scale := 1; ; scale *= 10 {
		for _, step := range []int{1, 2, 5} {
			if most <= 4*step*scale {
				return step * scale
			}
		}
	}
}

// sources shows which organisations file most.
func (c canvas) sources(s *Stats, top int) {
	c.heading(fmt.Sprintf("Откуда за %d дней", len(s.perDay)), pictureMargin, top, 30)
	all, right := s.top(), pictureWidth-pictureMargin
	if len(all) == 0 {
		c.write("обращений не было", pictureMargin, top+50, 26, inkSoft, charts.AlignLeft)
		return
	}
	for k, one := range all {
		y := top + 44 + 58*k
		c.write(c.fit(one.name(), 24, right-pictureMargin-90), pictureMargin, y, 24, inkDark, charts.AlignLeft)
		c.write(strconv.Itoa(one.count), right, y, 24, inkDark, charts.AlignRight)
		c.rect(pictureMargin, y+10, right, y+20, inkLine)
		c.rect(pictureMargin, y+10, pictureMargin+(right-pictureMargin)*one.count/all[0].count, y+20, inkPeriods[1])
	}
}

func (c canvas) heading(text string, x, y, high int) {
	c.Text(text, x, y, 0, style(high, inkDark, c.bold))
}

// write puts one line of text with its base line at y and says how wide it is.
func (c canvas) write(text string, x, y, high int, ink charts.Color, align string) (wide int) {
	f := style(high, ink, c.plain)
	wide = c.MeasureText(text, 0, f).Width()
	switch align {
	case charts.AlignRight:
		x -= wide
	case charts.AlignCenter:
		x -= wide / 2
	}
	c.Text(text, x, y, 0, f)
	return wide
}

// fit leaves out what the font cannot draw and cuts the text to a width.
func (c canvas) fit(text string, high, wide int) string {
	runes := slices.DeleteFunc([]rune(text), func(r rune) bool { return c.plain.Index(r) == 0 })
	f := style(high, inkDark, c.plain)
	if c.MeasureText(string(runes), 0, f).Width() <= wide {
		return string(runes)
	}
	for len(runes) > 0 {
		runes = runes[:len(runes)-1]
		if short := strings.TrimRight(string(runes), " ") + "…"; c.MeasureText(short, 0, f).Width() <= wide {
			return short
		}
	}
	return ""
}

func (c canvas) rect(x1, y1, x2, y2 int, ink charts.Color) {
	c.FilledRect(x1, y1, x2, y2, ink, ink, 0)
}

func (c canvas) line(x1, x2, y int) { c.rect(x1, y, x2, y+2, inkLine) }

// style is text of so many pixels; the painter counts 92 to the inch.
func style(high int, ink charts.Color, font *truetype.Font) charts.FontStyle {
	return charts.FontStyle{FontSize: float64(high) * 72 / 92, FontColor: ink, Font: font}
}
