# What ../run makes for this sample: certificates, and stand-ins for what is yours.
authority ca
site ca shop shop.example
site ca bank bank.example

authority bank-clients
client bank-clients alice
client bank-clients mallory
revocation bank-clients mallory

http 127.0.0.1:8081
http 127.0.0.1:8082
