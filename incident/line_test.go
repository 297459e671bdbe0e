package incident

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	for text, want := range map[string]string{"8:00": "8:00", "08:05": "8:05", "17:30": "17:30", "0:00": "0:00"} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err != nil || c.String() != want {
			t.Errorf("%q: %s, %v; want %s", text, c, err, want)
		}
	}
	for _, text := range []string{"", "8", "24:00", "8:60", "8.00", "в восемь"} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is no time of day, read as %s", text, c)
		}
	}
	day := time.Date(2026, 3, 29, 23, 59, 0, 0, time.UTC)
	if at := Clock(8 * time.Hour).On(day); !at.Equal(time.Date(2026, 3, 29, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("8:00 on %s is %s", day, at)
	}
}
