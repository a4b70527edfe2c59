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
	{http.MethodPost, "/campaigns/{key}/enrollments", operator.RoleOperator, postEnrollments},
	{http.MethodGet, "/contacts", operator.RoleViewer, getContacts},
	{http.MethodGet, "/contacts/{id}", operator.RoleViewer, getContact},
	{http.MethodGet, "/errors", operator.RoleViewer, getErrors},
	{http.MethodPost, "/accounts/{address}/reconnect", operator.RoleOperator, postReconnect},
	{http.MethodPost, "/resume", operator.RoleOperator, postResume},
	{http.MethodPost, "/disenroll", operator.RoleOperator, postDisenroll},
	{http.MethodGet, "/requests/{id}", operator.RoleViewer, getRequest},
	{http.MethodPatch, "/requests/{id}", operator.RoleOperator, patchRequest},
}
