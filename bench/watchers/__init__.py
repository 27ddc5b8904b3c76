"""Pages watched for a simulated day: medpulse beside what a user would pick instead, changedetection.io and Scrapy."""
