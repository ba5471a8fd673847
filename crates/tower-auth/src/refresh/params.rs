//! The parameters of a request: JSON or a form, of limited size.

use std::fmt;
use std::pin::pin;

use bytes::{Buf as _, Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

/// The maximum size of a body, in bytes.
const LONGEST: usize = 64 * 1024;

/// The parameters of the endpoints (RFC 6749, 6; RFC 7009, 2.1). As both require, other parameters
/// are ignored. This includes `token_type_hint`, because there is only one type of token here.
#[derive(Default)]
pub(super) struct Params {
    pub(super) grant_type: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) token: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) scope: Option<String>,
}

/// The body is too long, cannot be read, or repeats a parameter.
pub(super) struct Malformed;

impl Params {
    pub(super) async fn read<B: Body>(headers: &HeaderMap, body: B) -> Result<Self, Malformed> {
        let body = collect(body).await?;
        // An empty body has no parameters, whatever its content type.
        if body.is_empty() {
            return Ok(Self::default());
        }
        let mut params = match essence(headers).ok_or(Malformed)? {
            json if json.eq_ignore_ascii_case(b"application/json") => {
                serde_json::from_slice(&body).map_err(|_| Malformed)?
            }
            form if form.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") => {
                Self::form(&body)?
            }
            _ => return Err(Malformed),
        };
        params.omit_empty();
        Ok(params)
    }

    fn form(body: &[u8]) -> Result<Self, Malformed> {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            if let Some(slot) = params.slot(&name) {
                if slot.is_some() {
                    return Err(Malformed);
                }
                *slot = Some(value.into_owned());
            }
        }
        Ok(params)
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "grant_type" => &mut self.grant_type,
            "refresh_token" => &mut self.refresh_token,
            "token" => &mut self.token,
            "client_id" => &mut self.client_id,
            "client_secret" => &mut self.client_secret,
            "scope" => &mut self.scope,
            _ => return None,
        })
    }

    /// Removes parameters without a value: they count as omitted (RFC 6749, 3.2).
    fn omit_empty(&mut self) {
        let Self { grant_type, refresh_token, token, client_id, client_secret, scope } = self;
        for slot in [grant_type, refresh_token, token, client_id, client_secret, scope] {
            slot.take_if(|value| value.is_empty());
        }
    }
}

/// Returns the content type without its parameters, if there is exactly one header line.
fn essence(headers: &HeaderMap) -> Option<&[u8]> {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.as_bytes().split(|byte| *byte == b';').next(),
        _ => None,
    }
    .map(<[u8]>::trim_ascii)
}

async fn collect<B: Body>(body: B) -> Result<Bytes, Malformed> {
    let mut body = pin!(body);
    if body.size_hint().lower() > LONGEST as u64 {
        return Err(Malformed);
    }
    let mut all = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|cx| {
        // Copied to `Bytes` at once, so that the body's own data type need not be `Send`.
        body.as_mut().poll_frame(cx).map(|frame| {
            frame.map(|frame| {
                let Ok(mut data) = frame.map_err(|_| Malformed)?.into_data() else {
                    return Ok(Bytes::new());
                };
                let length = data.remaining();
                if length > LONGEST {
                    return Err(Malformed);
                }
                Ok(data.copy_to_bytes(length))
            })
        })
    })
    .await
    {
        let data = frame?;
        if all.len() + data.len() > LONGEST {
            return Err(Malformed);
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// An object whose known members are strings or null, each at most once.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Params;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
        let mut params = Params::default();
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let Some(slot) = params.slot(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen.contains(&name) {
                return Err(A::Error::custom("a member is repeated"));
            }
            *slot = map.next_value()?;
            seen.push(name);
        }
        Ok(params)
    }
}
