using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Hub;

/// <summary>A file in the list of the server. Servers other than the hub may give only its name.</summary>
/// <param name="Size">The number of bytes.</param>
/// <param name="Sha256">The SHA-256 hash of a large file (LFS).</param>
/// <param name="GitHash">The Git hash of a small file.</param>
internal sealed record HubFile(long? Size, string? Sha256, string? GitHash);

/// <summary>The files of a model at a commit.</summary>
internal sealed record HubListing(ModelReference Model, string Commit, IReadOnlyDictionary<string, HubFile> Files)
{
    private const int MaxFiles = 100_000;

    /// <summary>Parses the response of api/models/ID/revision/REVISION.</summary>
    /// <exception cref="HubException">The response has another form.</exception>
    public static HubListing Parse(ModelReference model, ReadOnlySpan<byte> utf8)
    {
        JsonObject json;
        try
        {
            json = StrictJson.ParseObject(utf8, "the server's answer");
        }
        catch (InvalidModelFileException e)
        {
            throw new HubException($"{model}: the server's list of files cannot be read: {e.Reason}", inner: e);
        }

        if (Text(json, "sha") is not { } commit || !ModelReference.IsCommit(commit)) throw Error("does not name a commit");
        if (json["siblings"] is not JsonArray siblings || siblings.Count > MaxFiles) throw Error("has no files");
        var files = new Dictionary<string, HubFile>(StringComparer.Ordinal);
        foreach (var item in siblings)
        {
            if (item is not JsonObject file || Text(file, "rfilename") is not { } name) throw Error("has a file without a name");
            var lfs = file["lfs"] as JsonObject;
            var sha256 = lfs is null ? null : Text(lfs, "sha256");
            files[name] = new HubFile(Number(lfs ?? file, "size") ?? Number(file, "size"), IsHash(sha256, 64) ? sha256 : null,
                lfs is null && IsHash(Text(file, "blobId"), 40) ? Text(file, "blobId") : null);
        }

        return new HubListing(model, commit, files);

        HubException Error(string what) => new($"{model}: the server's list of files {what}");
    }

    internal static bool IsHash(string? text, int length) =>
        text is not null && text.Length == length && text.All(char.IsAsciiHexDigitLower);

    private static string? Text(JsonObject json, string name) =>
        json[name]?.GetValueKind() == JsonValueKind.String ? json[name]!.GetValue<string>() : null;

    private static long? Number(JsonObject json, string name) =>
        json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out long number) && number >= 0
            ? number : null;
}
