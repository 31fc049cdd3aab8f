// The tests of the server need a site, but no browser loads it.
