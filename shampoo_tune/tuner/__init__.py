"""From a study file to points and configurations: what is tried, never how it is trained."""
