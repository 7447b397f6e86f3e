using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;

namespace SqueezeBert.Server.Hosting;

/// <summary>The OpenAPI document and the pages. All of their files are in the assembly, and they ask no other host for anything.</summary>
internal static class Documents
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'";

    public static void Map(RouteGroupBuilder group, CallServices services)
    {
        Map(group, services, "/openapi.json", "application/json", () => Read("openapi.json"));
        Map(group, services, "/api-doc/openapi.json", "application/json", () => Read("openapi.json"));
        if (!services.Options.HasPage) return;
        Map(group, services, "/", "text/html; charset=utf-8", () => Read("index.html"));
        Map(group, services, "/docs", "text/html; charset=utf-8", () => RoutesPage.Of(Read("openapi.json")));
        Map(group, services, "/page.css", "text/css; charset=utf-8", () => Read("page.css"));
        Map(group, services, "/page.js", "text/javascript; charset=utf-8", () => Read("page.js"));
    }

    /// <summary>A file of the assembly.</summary>
    public static byte[] Read(string name)
    {
        using var stream = typeof(Documents).Assembly.GetManifestResourceStream("page/" + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Map(RouteGroupBuilder group, CallServices services, string path, string type, Func<byte[]> make)
    {
        // The page asks for the key, so it is there without one.
        var bytes = new Lazy<byte[]>(make);
        group.MapMethods(path, SqueezeBertEndpoints.Methods("GET"), SqueezeBertEndpoints.OnPort(
            services, isManagement: false, services.Route(ErrorFormat.Problem, needsKey: false, async call =>
            {
                var response = call.Context.Response;
                response.Headers.ContentSecurityPolicy = Policy;
                response.Headers.XContentTypeOptions = "nosniff";
                response.Headers["Referrer-Policy"] = "no-referrer";
                if (path.Length > 1 && call.Context.Request.Path.Value!.EndsWith('/'))
                {
                    // The addresses in a page begin at its own folder.
                    response.Redirect($"..{path}", permanent: true);
                    return;
                }

                response.ContentType = type;
                response.ContentLength = bytes.Value.Length;
                await response.Body.WriteAsync(bytes.Value, call.Token).ConfigureAwait(false);
            })));
    }
}
