# What ../run makes for this sample: certificates, stand-ins for what is yours, and the load balancer.
authority ca
site ca shop shop.example

http 127.0.0.1:8081
haproxy haproxy.cfg
