package telegram

import "encoding/json"

// Entities are the marks in a text.
type Entities []Entity

// What comes along with a message is read where it can be: a value newer than
// this program leaves its field empty and keeps nobody from being answered.

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (e *Entities) UnmarshalJSON(raw []byte) error {
	var got []Entity
	if json.Unmarshal(raw, &got) == nil {
		*e = got
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (q *Quote) UnmarshalJSON(raw []byte) error {
	type plain Quote
	return tolerate(raw, (*plain)(q))
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (o *Origin) UnmarshalJSON(raw []byte) error {
	type plain Origin
	return tolerate(raw, (*plain)(o))
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (e *External) UnmarshalJSON(raw []byte) error {
	type plain External
	return tolerate(raw, (*plain)(e))
}

func tolerate[T any](raw []byte, into *T) error {
	var got T
	if json.Unmarshal(raw, &got) == nil {
		*into = got
	}
	return nil
}
