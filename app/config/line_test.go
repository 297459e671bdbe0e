package config

import "testing"

// What people read of names the boxes that the letters go to.
func TestLineOfSettings(t *testing.T) {
	line := Settings{Support: "Поддержка <help@example.ru>", UIT: "uit@example.ru"}.SupportLine()
	if line.Support.Email != "help@example.ru" || line.Second.Email != "uit@example.ru" {
		t.Errorf("%+v, %+v", line.Support, line.Second)
	}
	if off := (Settings{}).SupportLine(); off.Support.Email != "155@krasnodar.pro" || off.Second.Email == "" {
		t.Errorf("without a copy: %+v, %+v", off.Support, off.Second)
	}
}
