using SqueezeBert.Cli.CommandLine;

namespace SqueezeBert.Cli.Tests;

/// <summary>The server listens where the option says, and nowhere else.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:9000")]
    [InlineData("HTTP://LocalHost:8080/", "http://LocalHost:8080", "http://LocalHost:9000")]
    [InlineData("http://*:8080", "http://*:8080", "http://*:9000")]
    [InlineData("http://+", "http://+", "http://+:9000")]
    [InlineData("http://[::1]:0", "http://[::1]:0", "http://[::1]:9000")]
    [InlineData(";; http://0.0.0.0:8080 ;http://[::]:8081;", "http://0.0.0.0:8080;http://[::]:8081", "http://0.0.0.0:9000")]
    public void AnAddressKeepsItsHostWithAnotherPort(string text, string expected, string withPort)
    {
        var addresses = ListenAddress.ReadAll(text, "--urls");
        Assert.Equal(expected, string.Join(';', addresses));
        Assert.Equal(withPort, addresses[0].WithPort(9000).ToString());
    }

    [Theory]
    [InlineData("http://user@127.0.0.1:8080")]
    [InlineData("http://user:word@127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080?x=1")]
    [InlineData("http://127.0.0.1:8080#x")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:")]
    [InlineData("http://127.0.0.1:8080 /")]
    [InlineData("http://example.org:8080")]
    [InlineData("http://127.0.0.1.:8080")]
    [InlineData("http://[127.0.0.1]:8080")]
    [InlineData("http://::1:8080")]
    [InlineData("http://[::g]:8080")]
    [InlineData("http://localhost:0")]
    [InlineData("http://127.0.0.1:8080;here")]
    [InlineData("http://")]
    [InlineData("https://127.0.0.1:8080")]
    [InlineData(";")]
    [InlineData("")]
    public void WhatTheServerWouldTakeForAllAddressesIsRefused(string text)
    {
        var error = Assert.Throws<UsageException>(() => ListenAddress.ReadAll(text, "--urls"));
        Assert.StartsWith("--urls ", error.Message, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:", error.Message, StringComparison.Ordinal);
    }
}
