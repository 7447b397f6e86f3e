using System.Reflection;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Answers;

/// <summary>
/// The tag of an answer (ETag). The same model gives the same bits for the same texts, whatever else it computes. The tag is therefore
/// known before anything is computed: it depends on the model's fingerprint and options, the request and this version.
/// </summary>
internal static class AnswerTag
{
    private static readonly string Version =
        typeof(AnswerTag).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion +
        (Fma.IsSupported || AdvSimd.IsSupported ? "" : " without fused multiply-add");

    /// <summary>Sets the tag of the response, and checks whether the client already has the answer.</summary>
    /// <exception cref="RequestException">The client already has the answer.</exception>
    public static void Set(HttpContext context, IEnumerable<AnswerSource> sources, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var models = string.Concat(sources.Select(source => $"{source.Fingerprint}\n{Describe(source.Options)}\n"));
        var place = $"{Version}\n{models}{context.Request.Path}\n{context.Request.QueryString}\n";
        hash.AppendData(Encoding.UTF8.GetBytes(place));
        hash.AppendData(body);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16))}\"");
        context.Response.Headers.ETag = tag.ToString();
        foreach (var known in context.Request.GetTypedHeaders().IfNoneMatch)
        {
            if (known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false))
                throw new RequestException(Fault.Known, "the answer that you have (If-None-Match) is that of now");
        }
    }

    /// <summary>All options that an answer depends on.</summary>
    private static string Describe(SqueezeBertOptions options) =>
        $"{options.Reading} {options.TextClassifier} {options.TextReranker} {options.ZeroShotClassifier} {options.QuestionAnswerer} " +
        $"{options.TextEmbedder} {options.MaskFiller} {options.TokenClassifier} {options.ChoiceSelector} {options.FeatureExtractor} " +
        string.Join(' ', options.TokenClassifier.IgnoredLabels);
}

/// <summary>A model that an answer is computed with.</summary>
/// <param name="Fingerprint">The fingerprint of its weights.</param>
/// <param name="Options">The options with which it was loaded.</param>
internal readonly record struct AnswerSource(string Fingerprint, SqueezeBertOptions Options);
