# What ../run makes for this sample: certificates, and stand-ins for what is yours.
authority ca
site ca mail mail.example
site ca db db.example
site ca cache cache.example

lines 127.0.0.1:2525 '220 mail.example ESMTP'
lines 127.0.0.1:15432
redis 127.0.0.1:16379
