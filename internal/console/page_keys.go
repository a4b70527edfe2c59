package console

import "net/http"

func pageKeys(*Console, *http.Request, *frame) (view, error) {
	return view{"keys", "Keys", nil}, nil
}
