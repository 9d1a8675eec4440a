package org.apache.hadoop.fs;

/** Empty stand-in for a type that parquet-java names in signatures damson never calls; never shipped. */
public class Path {}
