"""What the views show: wishes and facts meet in one pure function, whose frozen result is compared with the last."""
