# squeezebert serve with the models in the box: docker build -t squeezebert . && docker run --rm -p 8080:8080 squeezebert
# Models of your own: docker run --rm -p 8080:8080 -v /models:/models:ro squeezebert --urls http://0.0.0.0:8080 --model ner=/models/ner
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/SqueezeBert.Cli -c Release -o /program --no-self-contained

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /program
COPY --from=build /program .
# Nothing is written, and nobody needs to be root.
USER $APP_UID
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8080
# SIGTERM: it answers what it has taken, and ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "squeezebert.dll", "serve"]
CMD ["--urls", "http://0.0.0.0:8080"]
