package org.apache.hadoop.conf;

/** Empty stand-in for a type that parquet-java names in signatures damson never calls; never shipped. */
public class Configuration {}
