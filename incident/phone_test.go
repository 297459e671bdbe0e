package incident

import "testing"

func TestPhone(t *testing.T) {
	for _, c := range []struct{ stored, dial, shown string }{
		{"+73522428001", "+73522428001", "+7 (3522) 42-80-01"},
		{"+73522428001;ext=155", "+73522428001, доб.\u00a0155", "+7 (3522) 42-80-01, доб.\u00a0155"},
		{"+73523121234", "+73523121234", "+7 (35231) 2-12-34"},
		{"+79125551234", "+79125551234", "+7 (912) 555-12-34"},
		{"+78002007932", "+78002007932", "+7 (800) 200-79-32"},
	} {
		p := ParsePhone(c.stored)
		if p.Stored() != c.stored || p.Dial() != c.dial || p.String() != c.shown {
			t.Errorf("%s: stored %q, dial %q, shown %q", c.stored, p.Stored(), p.Dial(), p.String())
		}
	}
}
