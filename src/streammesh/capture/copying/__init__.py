"""The fast snapshot: tables read by COPY at known positions, several sessions at a time."""
