# What ../run makes for this sample: certificates, and stand-ins for what is yours.
authority ca
site ca shop shop.example www.shop.example

http 127.0.0.1:8081
