using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Compatible;
using SqueezeBert.Server.Hosting;
using SqueezeBert.Server.Tasks;

namespace SqueezeBert.Server;

/// <summary>Maps the routes of the server.</summary>
public static class SqueezeBertEndpoints
{
    /// <summary>
    /// Maps all routes: those of the OpenAI API and of text-embeddings-inference, those of the tasks, health, metrics, the OpenAPI document
    /// and the page. <see cref="SqueezeBertServerServices.AddSqueezeBertServer"/> adds the services that they need.
    /// </summary>
    /// <param name="endpoints">The application, or a route group with a prefix.</param>
    /// <returns>A builder that applies conventions to all routes.</returns>
    /// <exception cref="InvalidOperationException">The services have not been added, or there is no model.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static IEndpointConventionBuilder MapSqueezeBert(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider.GetService<CallServices>() ??
            throw new InvalidOperationException("services.AddSqueezeBertServer() is missing");
        var group = endpoints.MapGroup("");
        MapOpenAI(group, services);
        MapTextEmbeddings(group, services, "");
        MapTextEmbeddings(group, services, "/models/{name}");
        Map(group, services, "POST", "/", ErrorFormat.TextEmbeddingsInference, ModelRequest.Route(OtherRoutes.Invoke));
        Map(group, services, "POST", "/invocations", ErrorFormat.TextEmbeddingsInference, ModelRequest.Route(OtherRoutes.Invoke));
        foreach (var task in TaskRoutes.All.Keys)
            Map(group, services, "POST", $"/models/{{name}}/{task}", ErrorFormat.Problem, call => TaskRoutes.AskAsync(call, task));
        MapManagement(group, services);
        Documents.Map(group, services);
        return group;
    }

    private static void MapOpenAI(RouteGroupBuilder group, CallServices services)
    {
        Map(group, services, "POST", "/v1/embeddings", ErrorFormat.OpenAI, ModelRequest.Route(OpenAIRoutes.Embed));
        Map(group, services, "POST", "/embeddings", ErrorFormat.OpenAI, ModelRequest.Route(OpenAIRoutes.Embed));
        Map(group, services, "GET", "/v1/models", ErrorFormat.OpenAI, OpenAIRoutes.ListAsync);
        Map(group, services, "GET", "/v1/models/{name}", ErrorFormat.OpenAI, OpenAIRoutes.GetAsync);
    }

    private static void MapTextEmbeddings(RouteGroupBuilder group, CallServices services, string prefix)
    {
        var format = ErrorFormat.TextEmbeddingsInference;
        Map(group, services, "POST", $"{prefix}/embed", format, ModelRequest.Route(TextEmbeddingsRoutes.Embed));
        Map(group, services, "POST", $"{prefix}/embed_all", format, TextEmbeddingsRoutes.EmbedAllAsync);
        Map(group, services, "POST", $"{prefix}/embed_sparse", format, OtherRoutes.EmbedSparseAsync);
        Map(group, services, "POST", $"{prefix}/similarity", format, TextEmbeddingsRoutes.CompareAsync);
        Map(group, services, "POST", $"{prefix}/predict", format, ModelRequest.Route(ClassificationRoutes.Predict));
        Map(group, services, "POST", $"{prefix}/rerank", format, ModelRequest.Route(ClassificationRoutes.Rerank));
        Map(group, services, "POST", $"{prefix}/vertex", format, VertexRoute.PredictAsync);
        Map(group, services, "POST", $"{prefix}/tokenize", format, TokenRoutes.TokenizeAsync);
        Map(group, services, "POST", $"{prefix}/decode", format, TokenRoutes.DecodeAsync);
        Map(group, services, "GET", $"{prefix}/info", format, InfoRoute.GetAsync);
    }

    private static void MapManagement(RouteGroupBuilder group, CallServices services)
    {
        foreach (var path in (string[])["/health", "/ping", "/health/ready"])
            MapManaged(group, services, path, services.Options.IsHealthPublic, ManagementRoutes.ReadyAsync);
        MapManaged(group, services, "/health/live", services.Options.IsHealthPublic, ManagementRoutes.LiveAsync);
        MapManaged(group, services, "/metrics", services.Options.AreMetricsPublic, ManagementRoutes.MetricsAsync);
    }

    private static void MapManaged(
        RouteGroupBuilder group, CallServices services, string path, bool isPublic, Func<Call, Task> handle) =>
        group.MapMethods(path, Methods("GET"), OnPort(
            services, isManagement: true, services.Route(ErrorFormat.TextEmbeddingsInference, needsKey: !isPublic, handle)));

    private static void Map(
        RouteGroupBuilder group, CallServices services, string method, string path, ErrorFormat format, Func<Call, Task> handle) =>
        group.MapMethods(path, Methods(method), OnPort(services, isManagement: false, services.Route(format, needsKey: true, handle)));

    /// <summary>What can be got can be asked for its headers alone, as monitors do.</summary>
    internal static string[] Methods(string method) => method == "GET" ? [method, "HEAD"] : [method];

    /// <summary>
    /// Restricts management and service to their own ports, if they have two. The port is that of the connection, because the client
    /// chooses the host name.
    /// </summary>
    internal static RequestDelegate OnPort(CallServices services, bool isManagement, RequestDelegate route)
    {
        if (services.Options.ManagementPort is not { } port) return route;
        return context =>
        {
            if (context.Connection.LocalPort == port == isManagement) return route(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
    }
}
