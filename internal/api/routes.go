package api

import (
	"net/http"

	"relance/internal/operator"
)

// anybody is the role that needs no token.
const anybody operator.Role = ""

// A route is one thing that programs can ask for.
type route struct {
	method, path string
	// role is the least that the token must be.
	role operator.Role
	do   func(*call) (reply, error)
}

// routes are all of them. A test holds them to openapi.yaml.
var routes = []route{
	{http.MethodGet, "/openapi.yaml", anybody, getDocument},
	{http.MethodPost, "/campaigns/{key}/enrollments", operator.Changing, postEnrollments},
	{http.MethodGet, "/contacts", operator.Viewer, getContacts},
	{http.MethodGet, "/contacts/{id}", operator.Viewer, getContact},
	{http.MethodGet, "/errors", operator.Viewer, getErrors},
	{http.MethodPost, "/accounts/{address}/reconnect", operator.Changing, postReconnect},
	{http.MethodPost, "/resume", operator.Changing, postResume},
	{http.MethodPost, "/disenroll", operator.Changing, postDisenroll},
	{http.MethodGet, "/requests/{id}", operator.Viewer, getRequest},
	{http.MethodPatch, "/requests/{id}", operator.Changing, patchRequest},
}
