"""What every door drives: the open project, its media, the jobs and the caches."""
