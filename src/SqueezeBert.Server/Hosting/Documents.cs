using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;

namespace SqueezeBert.Server.Hosting;

/// <summary>The OpenAPI document and the page. All of their files are in the assembly, and they ask no other host for anything.</summary>
internal static class Documents
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'";

    public static void Map(RouteGroupBuilder group, CallServices services)
    {
        Map(group, services, "/openapi.json", "openapi.json", "application/json");
        Map(group, services, "/api-doc/openapi.json", "openapi.json", "application/json");
        if (!services.Options.HasPage) return;
        Map(group, services, "/", "index.html", "text/html; charset=utf-8");
        Map(group, services, "/page.css", "page.css", "text/css; charset=utf-8");
        Map(group, services, "/page.js", "page.js", "text/javascript; charset=utf-8");
    }

    /// <summary>A file of the assembly.</summary>
    public static byte[] Read(string name)
    {
        using var stream = typeof(Documents).Assembly.GetManifestResourceStream("page/" + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Map(RouteGroupBuilder group, CallServices services, string path, string name, string type)
    {
        // The page asks for the key, so it is there without one.
        var bytes = new Lazy<byte[]>(() => Read(name));
        group.MapMethods(path, ["GET"], SqueezeBertEndpoints.OnPort(
            services, isManagement: false, services.Route(ErrorFormat.Problem, needsKey: false, async call =>
            {
                var response = call.Context.Response;
                response.ContentType = type;
                response.ContentLength = bytes.Value.Length;
                response.Headers.ContentSecurityPolicy = Policy;
                response.Headers.XContentTypeOptions = "nosniff";
                response.Headers["Referrer-Policy"] = "no-referrer";
                await response.Body.WriteAsync(bytes.Value, call.Token).ConfigureAwait(false);
            })));
    }
}
