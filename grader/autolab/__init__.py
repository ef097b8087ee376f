"""What a course that uses Autolab needs beside the image: a lab to import, and a check of the image."""
